"""What to offer each segment, in a short sentence a question: for the cards of the decision page."""

from __future__ import annotations

import calendar

import pandas as pd

from seglib.report.readings.offers import POPULAR, against, months_above, need, through
from seglib.report.words import listed, quoted, share

#: What a card answers, besides its segment; empty where it is not known.
QUESTIONS = ("buys_more", "when", "through", "discount", "next_products", "next_because", "missing")


def offer_cards(tables: dict[str, pd.DataFrame], segments: list[int]) -> pd.DataFrame:
    """Say what to offer each segment.

    Parameters
    ----------
    tables
        Those that `offers.measured` gives.
    segments
        All segments.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, buys_more, when, through, discount, next_products, missing; texts,
        empty where nothing is known. Text from data is quoted and cut, and can mark nothing.
    """
    makers = {
        "buys_more": ("lifts", _buys_more),
        "when": ("seasons", _when),
        "through": ("channels", _through),
        "discount": ("discounts", _discount),
        "next_products": ("next_products", _next),
        "missing": ("unmet", _missing),
    }
    rows = []
    for segment in segments:
        own = {name: table[table.segment == segment] for name, table in tables.items()}
        told = {
            question: make(own[name]) if len(own[name]) else "" for question, (name, make) in makers.items()
        }
        told["next_because"] = _why(own["hit_rates"]) if told["next_products"] else ""
        rows.append({"segment": segment} | told)
    made = pd.DataFrame(rows, columns=["segment", *QUESTIONS])
    return made.astype(dict.fromkeys(QUESTIONS, "string"))


def _buys_more(rows: pd.DataFrame) -> str:
    sure = rows[rows.more]
    if sure.empty:
        return "nothing surely more often than others"
    products, categories = (sure[sure.kind == kind].head(n) for kind, n in (("product", 2), ("category", 1)))
    parts = [
        f"{'category ' * (r.kind == 'category')}{quoted(r.item)}, {against(r.lift, r.lower, r.other_share)}"
        for r in pd.concat([products, categories]).itertuples()
    ]
    return "; ".join(parts)


def _when(rows: pd.DataFrame) -> str:
    above = months_above(rows)
    if above.empty:
        return "no month stands out"
    parts = [
        f"{calendar.month_name[int(r.month)]} ({share(r.share)} of their orders; all {share(r.overall)})"
        for r in above.itertuples()
    ]
    once = "; seen in one year alone, so that may be no season" if rows.cycles.iloc[0] < 2 else ""
    return f"more than all customers in {listed(parts)}{once}"


def _through(rows: pd.DataFrame) -> str:
    said = []
    for row in rows[rows.most].itertuples():
        answers = row.what == "answers"
        words = (
            "answer"
            if through(row.channel) == ""
            else f"{'answer best' if answers else 'order most'} through"
        )
        how = (
            ""
            if pd.isna(row.share)
            else f" ({share(row.share)} of {'contacts' if answers else 'orders'}; all {share(row.overall)})"
        )
        said.append(f"{words}{through(row.channel)}{how}")
    return "; ".join(said)


def _discount(rows: pd.DataFrame) -> str:
    row = rows.iloc[0]
    if pd.isna(row.share):
        return ""
    rate = f"; median discount {share(row.rate)}" if pd.notna(row.rate) else ""
    return f"on {share(row.share)} of their orders (all {share(row.overall)}){rate}"


def _next(rows: pd.DataFrame) -> str:
    top = rows.sort_values("place").head(3)
    return listed(
        quoted(r.product) + (f" (goes with {quoted(r.goes_with)})" if pd.notna(r.goes_with) else "")
        for r in top.itertuples()
    )


def _why(hit_rates: pd.DataFrame) -> str:
    """Say how often the method that is used names a product of the next order, and how often what is bought most."""
    last = hit_rates[hit_rates.length == hit_rates.length.max()]
    used = last[last.used]
    if used.empty or pd.isna(used.rate.iloc[0]):
        return ""
    first = int(used.length.iloc[0])
    told = f"the first {first} names hold a new product of the next order for {share(used.rate.iloc[0])}"
    if used.method.iloc[0] == POPULAR:
        return f"{told}; these are bought most, and nothing surely tells more"
    if pd.isna(used.gain.iloc[0]):
        return told
    return f"{told}, those bought most for {share(used.rate.iloc[0] - used.gain.iloc[0])}"


def _missing(rows: pd.DataFrame) -> str:
    if rows.gap.isna().all():
        return ""
    missing = rows[rows.missing].sort_values("gap", ascending=False).head(2)
    if missing.empty:
        return "no important need is surely met less than it matters"
    return listed(
        f"{need(r.need)} (importance {r.importance:.2f}, met {r.met:.2f} of 1)" for r in missing.itertuples()
    )
