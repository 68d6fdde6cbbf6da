"""A card per target: who, how many, worth, how sure, what sets them apart, what to do, what it brings."""

from __future__ import annotations

import pandas as pd

from seglib.report import figures as plots
from seglib.report.decision.case import Case
from seglib.report.display import figure
from seglib.report.words import capital, count, listed, marked, money, quoted, share

#: Features in the figure of a card.
_MOST = 5


def card(case: Case, row: pd.Series) -> dict[str, object]:
    """Fill a card."""
    loud = case.profile(row.segment).head(_MOST)
    alt = f"{row['name']}: " + "; ".join(f"{r.label} {r.distance:+.1f}" for r in loud.itertuples())
    drawn = figure(
        plots.lollipops(loud, plots.colour(row.segment - 1)),
        title=row["name"],
        alt=alt,
        caption="What sets them apart: right is more than all customers, left is less "
        "(in standard deviations)",
        min_cell=case.min_cell,
    )
    also = "" if pd.isna(row.given_name) else f"generated name: {row.generated}"
    return {
        "rank": row["rank"],
        "name": row["name"],
        "also": also,
        "colour": plots.colour(row.segment - 1),
        "numbers": _numbers(case, row),
        "portrait": marked(row.portrait),
        "figure": drawn,
        "play": [{"what": what, "text": marked(text)} for what, text in _play(case, row) if text],
    }


def _numbers(case: Case, row: pd.Series) -> list[dict[str, str]]:
    made = [("customers", count(row.customers))]
    made.append(("of value", share(row.value_share)) if case.valued else ("of customers", share(row.share)))
    made.append(("comes back", share(row.recovery)))
    made.append(("chosen again", share(row.chance_target)))
    if pd.notna(row.per_customer):
        made.append((f"worth ahead, {_horizon(case)}", f"{money(row.per_customer, case.currency)} each"))
    return [{"text": text, "number": number} for text, number in made]


def _horizon(case: Case) -> str:
    days = int(case.tables["lifetime"].days.iloc[0])
    return "a year" if days == 365 else f"{days} days"


def _play(case: Case, row: pd.Series) -> list[tuple[str, str]]:
    """List what to do, each with what it is called; what is not known is empty."""
    return [
        ("Play", f"**{row.play}.** {row.message}"),
        ("Why", capital(row.because)),
        ("Offer", row.offer),
        ("When", row.timing),
        ("Through", row.channel),
        ("They buy", _known(row.buys_more, "nothing")),
        ("Next", _known(row.next_products)),
        ("Missing", _known(row.missing, "no ")),
        ("Budget", _budget(case, row)),
        ("Expected", _expected(case, row)),
        ("Measure", row.measure),
    ]


def _known(text: object, empty: str = "-") -> str:
    """Give a text that says something."""
    return "" if pd.isna(text) or str(text).startswith(empty) else str(text)


def _budget(case: Case, row: pd.Series) -> str:
    if pd.isna(row.budget):
        return ""
    once = "" if case.budgeted else " to contact everybody once"
    return f"{money(row.budget, case.currency)}{once}, {count(row.contacts)} contacts"


def _campaigns(names: str) -> str:
    return listed(quoted(name) for name in names.split("; "))


def _expected(case: Case, row: pd.Series) -> str:
    if pd.isna(row.lacking):
        return ""
    if row.lacking:
        return f"not known: {row.lacking}"
    span = f"{money(row.profit_low, case.currency)} to {money(row.profit_high, case.currency)}, 95%"
    stands = f"learned from {_campaigns(row.learned_from)}" if row.learned_from else "response is assumed"
    return f"**{money(row.profit, case.currency)}** profit ({span}); {stands}"
