"""One card per target: who they are, how many, what they are worth, what to do and what it brings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.decision import cautions
from seglib.report.decision.case import PARTS, Case
from seglib.report.display import framed
from seglib.report.figures import theme
from seglib.report.figures.decision import lollipops
from seglib.report.sentences import sentence
from seglib.report.words import marked

#: Features in the figure of a card.
_MOST = 5
_NUMBERS = ("customers", "part", "stability", "selected", "clv")


def card(case: Case, row: pd.Series) -> dict[str, object]:
    """Fill a card."""
    facts = _facts(case, row)
    loud = case.profile(row.segment)
    loud = loud[~case.terms.few(loud.behind)].head(_MOST)
    words = {
        key: _said(f"card_figure_{key}", facts | {"traits": loud.to_dict("records")})
        for key in ("caption", "alt")
    }
    drawn = framed(lollipops(loud, theme.colour(row.segment - 1)), title=row["name"], **words)
    lines = {name: _said(f"card_{name}", facts) for name in PARTS["card"]}
    numbers = {name: _said(f"number_{name}", facts) for name in _NUMBERS}
    return {
        "rank": row["rank"],
        "name": row["name"],
        "also": "" if pd.isna(row.given_name) else row.generated,
        "colour": theme.colour(row.segment - 1),
        "numbers": [
            {"text": _said(f"label_{n}", facts), "number": text} for n, text in numbers.items() if text
        ],
        "portrait": marked(row.portrait),
        "figure": drawn,
        "cautions": cautions.on_card(case, int(row.segment)),
        "play": [{"what": _said(f"head_{n}"), "text": marked(text)} for n, text in lines.items() if text],
    }


def _said(name: str, facts: dict[str, Any] | None = None) -> str:
    return sentence(name, facts, "decision")


def _facts(case: Case, row: pd.Series) -> dict[str, Any]:
    """Return what is known of a target; what is missing is none."""
    facts = {str(name): None if pd.api.types.is_scalar(v) and pd.isna(v) else v for name, v in row.items()}
    lifetime = case.tables.get("lifetime")
    days = int(lifetime.days.iloc[0]) if lifetime is not None and len(lifetime) else 365
    learned = [name for name in (facts["learned_from"] or "").split("; ") if name]
    brief = case.optional("briefs", ("segment", "brief", "behind"))
    own = brief[(brief.segment == row.segment) & ~case.terms.few(brief.behind)]
    more: dict[str, Any] = {"handed": case.handed_over(row), "from_selected": case.from_selected(row)}
    more |= {"margin": case.margin, "basis": case.basis, "brief": own.brief.iloc[0] if len(own) else None}
    if facts["break_even"] is not None and facts["compared"] is not None:  # in the unit that is measured
        more["pays_from"] = facts["break_even"] * facts["compared"] / facts["effect"]
    return (
        facts
        | more
        | {"valued": case.valued, "budgeted": case.budgeted, "clv_days": days, "learned": learned}
    )
