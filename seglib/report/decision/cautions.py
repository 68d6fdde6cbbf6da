"""Where each caution of a run is said: first of all, on the card of the target that it touches, or among the rest."""

from __future__ import annotations

from typing import Any

from seglib.report.decision.case import Case
from seglib.report.sentences import sentence
from seglib.report.words import coarse_share, marked

#: Cautions about the whole project that a line of "How far to trust this" says in full.
SAID_IN_FULL = {"left_out": "left_out", "test_missed": "tests"}


def worded(caution: dict[str, Any], name: str = "") -> dict[str, str]:
    """Put a caution into words, after the name of its segment where it does not stand on its card."""
    exact = caution["share"]
    held = (
        ""
        if exact != exact or caution["few"]
        else coarse_share(exact, _behind(caution, exact), caution["min_cell"])
    )
    text = sentence("caution", caution | {"held": held, "name": name}, "decision")
    return {"code": caution["code"], "severity": caution["severity"], "text": marked(text)}


def _behind(caution: dict[str, Any], share: float) -> float:
    """Return the customers that a share is of, without bound where it is of none in particular."""
    return float(caution["behind"]) if caution["code"] == "protected" else float("nan")


def first(case: Case) -> list[dict[str, Any]]:
    """List what dominates the whole project."""
    return [c | {"name": "", "held": ""} for c in case.cautions if c["severity"] == "first"]


def on_card(case: Case, segment: int) -> list[dict[str, str]]:
    """List the cautions that touch a target."""
    return [worded(c) for c in case.cautions if c["segment"] == segment]


def elsewhere(case: Case) -> list[dict[str, str]]:
    """List the cautions about other segments, and about the project as far as they are not said in full.

    Of equally severe ones those of the better segment come first: numbers of segments decide no order.
    """
    order = {segment: at for at, segment in enumerate(case.rows.segment)}
    targets = set(case.targets.segment)
    named = case.rows.set_index("segment")["name"]
    full = [c for c in case.cautions if c["segment"] is None and c["code"] in SAID_IN_FULL]
    rest = [
        c for c in case.cautions if c["severity"] != "first" and c["segment"] not in targets and c not in full
    ]
    codes = {c["code"]: at for at, c in reversed(list(enumerate(rest)))}
    rest.sort(key=lambda c: (codes[c["code"]], order.get(c["segment"], -1)))
    return [worded(c, "" if c["segment"] is None else str(named.get(c["segment"], ""))) for c in rest]
