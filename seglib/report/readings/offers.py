"""Sentences of page 05 on what segments need and answer to."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping

import pandas as pd

from seglib.report.words import capital, count, listed, quoted, share

#: What can be known of a segment, in words; what would tell them is said together.
PARTS = {
    "products": "what they buy more than others",
    "months": "when they order",
    "channels": "through which channel they order",
    "answers": "through which channel they answer",
    "discounts": "at what discount they order",
    "next_products": "what they are likely to buy next",
    "needs": "which of their needs are not met",
}
#: A segment whose buyers buy so many times as many different things is said to.
_BROAD = 1.5
#: What contacts are called that name no channel.
ANY = "any"
#: The method that others are measured against.
POPULAR = "most popular"


def not_known(lacking: Mapping[str, str]) -> str:
    """Say in one sentence what is not known of any segment, and what would tell it.

    Parameters
    ----------
    lacking
        By part, of `PARTS`, the source or column that would tell.

    Examples
    --------
    >>> not_known({"months": "sources.transactions", "discounts": "sources.transactions"})
    'Not known: when they order and at what discount they order (sources.transactions would tell).'
    """
    if not lacking:
        return "The sources tell all that is asked here."
    parts: dict[str, list[str]] = {}
    for part, source in lacking.items():
        parts.setdefault(source, []).append(PARTS[part])
    told = [f"{listed(words)} ({source} would tell)" for source, words in parts.items()]
    return f"Not known: {'; '.join(told)}."


def bought_more(lifts: pd.DataFrame, names: dict[int, str]) -> str:
    """Say what is most surely bought more, who buys nothing more, and who buys more of everything."""
    if lifts.empty:
        return ""
    sure = lifts[lifts.more]
    said = []
    if len(sure):
        top = sure.sort_values(["lower", "item"], ascending=[False, True]).iloc[0]
        said.append(
            f"Most surely, **{names[top.segment]}** buys {_item(top)}, "
            f"{against(top.lift, top.lower, top.other_share)}."
        )
    none = [names[s] for s in dict.fromkeys(lifts.segment) if s not in set(sure.segment)]
    if none:
        said.append(f"{capital(listed(none))}: nothing is surely bought more often than by others.")
    broad = lifts.groupby("segment").breadth.max()
    said += [
        f"{names[s]} buys {b:.1f} times as many different things as others, which is part of it."
        for s, b in broad.items()
        if b >= _BROAD and s in set(sure.segment)
    ]
    return " ".join(said)


def _item(row: pd.Series) -> str:
    return quoted(row["item"]) if row.kind == "product" else f"{row.kind} {quoted(row['item'])}"


def against(lift: float, lower: float, other_share: float) -> str:
    """Write how many times as often as others, in two digits, and the least that it surely is.

    Examples
    --------
    >>> against(2.34, 1.86, 0.02), against(2425.1, 438.5, 0.0)
    ('2.3 times as often as others (at least 1.9)', 'which nobody else bought')
    """
    if other_share == 0:
        return "which nobody else bought"
    return f"{_two_digits(lift)} times as often as others (at least {_two_digits(lower)})"


def _two_digits(x: float) -> str:
    return f"{x:.1f}" if x < 9.95 else f"{float(f'{x:.2g}'):,.0f}"


def months_above(rows: pd.DataFrame, most: int = 3) -> pd.DataFrame:
    """Choose the months that stand out in a segment's orders, at most so many."""
    above = rows[rows.more]
    above = above.assign(ratio=above.share / above.overall).sort_values(
        ["ratio", "month"], ascending=[False, True]
    )
    return above.head(most).sort_values("month")


def seasons(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Say in which months segments surely order more than all customers."""
    if table.empty:
        return ""
    told: dict[bool, list[str]] = {False: [], True: []}
    none = []
    for segment, rows in table.groupby("segment"):
        parts = [
            f"{calendar.month_name[int(r.month)]} ({share(r.share)}; all {share(r.overall)})"
            for r in months_above(rows).itertuples()
        ]
        if parts:
            told[one_year(rows, table)].append(f"**{names[segment]}** in {listed(parts)}")
        else:
            none.append(names[segment])
    said = [
        f"{words}: {'; '.join(told[once])}."
        for once, words in (
            (False, "A larger share of their orders than of all customers'"),
            (True, "Likewise, but there in one year alone, so that it may be no season"),
        )
        if told[once]
    ]
    if none:
        said.append(f"{capital(listed(none))}: no month stands out.")
    return " ".join(said)


def one_year(rows: pd.DataFrame, table: pd.DataFrame) -> bool:
    """Tell whether a segment was seen in one year alone, where the orders reach farther."""
    return bool(rows.cycles.iloc[0] < 2 <= table.cycles.max())


def seasons_in_words(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Say what the figure of the seasons shows: the month with most orders, by segment."""
    tops = table[table.most]
    return "; ".join(
        f"{names[r.segment]}: most orders in {calendar.month_name[int(r.month)]}"
        + (f", {share(r.share)}" if pd.notna(r.share) else "")
        for r in tops.itertuples()
    )


def through(channel: str) -> str:
    """Write through which channel; nothing where contacts name none."""
    return "" if channel == ANY else f" {quoted(channel)}"


def occasions(channels: pd.DataFrame, discounts: pd.DataFrame, names: dict[int, str]) -> str:
    """Say who surely uses channels more than all customers, answers more through them, and who buys at a discount."""
    said = []
    for what, words in (("orders", "order through"), ("answers", "answer")):
        own = channels[(channels.what == what) & channels.more]
        parts = [
            f"**{names[s]}** {listed(_through(r) for r in rows.itertuples())}"
            for s, rows in own.groupby("segment")
        ]
        if (channels.what == what).any():
            said.append(
                f"Channels that they {words} surely more than all customers: {'; '.join(parts) or 'none'}."
            )
    given = discounts.dropna(subset="share")
    if len(given) and given.share.max() > 0:
        top = given.sort_values(["share", "customers"], ascending=False).iloc[0]
        said.append(
            f"**{names[top.segment]}** orders most often at a discount: {share(top.share)} of its orders; all "
            f"{share(top.overall)}."
        )
    return " ".join(said)


def _through(row: object) -> str:
    return f"{through(row.channel)} ({share(row.share)}; all {share(row.overall)})".strip()


def next_products(hit_rates: pd.DataFrame, names: dict[int, str]) -> str:
    """Say for whom co-purchase foretells more than what is bought most, and by how much together."""
    if hit_rates.empty:
        return ""
    last = hit_rates[hit_rates.length == hit_rates.length.max()]
    used = last[last.used]
    better, rest = used[used.method != POPULAR], used[used.method == POPULAR]
    if better.empty:
        return (
            "For no segment does what is bought together surely tell more than what is bought most: the products "
            "bought most are named."
        )
    whom = "all segments" if rest.empty else listed(f"**{names[s]}**" for s in better.segment)
    how = listed(sorted(better.method.unique()))
    said = [f"What is bought together ({how}) is used for {whom}.{_together(better)}"]
    if len(rest):
        said.append(
            f"For {listed(names[s] for s in rest.segment)} it does not surely tell more than what is bought "
            "most, which is named."
        )
    return " ".join(said)


def _together(better: pd.DataFrame) -> str:
    """Say how often the lists hold a new product of the next order, over the segments whose rates may be said."""
    known = better.dropna(subset=["rate", "gain", "customers"])
    if known.empty:
        return ""
    n = known.customers.sum()
    ours, gain = ((known[c] * known.customers).sum() / n for c in ("rate", "gain"))
    return (
        f" Of {count(n)} customers whose last order held something new to them, the first "
        f"{int(known.length.iloc[0])} named it for {share(ours, 1)}, the products bought most for "
        f"{share(ours - gain, 1)}."
    )


def unmet(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Say which important needs are surely met less than they matter."""
    if table.empty:
        return ""
    missing = table[table.missing].sort_values(["segment", "gap"], ascending=[True, False])
    told = [
        f"**{names[s]}** {listed(need(n) for n in rows.need.head(3))}"
        for s, rows in missing.groupby("segment")
    ]
    if not told:
        return "No important need of any segment is surely met less than it matters."
    return f"Important and surely met less than they matter: {'; '.join(told)}."


def need(name: str) -> str:
    """Write the name of a need."""
    return quoted(name.replace("_", " "))


def remarks(*said: Iterable[str]) -> list[str]:
    """Put the remarks of several parts together, each once."""
    return list(dict.fromkeys(sentence for part in said for sentence in part))
