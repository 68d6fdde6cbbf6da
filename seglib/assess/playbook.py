"""The library of plays: what each play requires of a segment, and whether it holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.concepts import about, affirmed, concepts
from seglib.assess.thresholds import KNOWN
from seglib.errors import ParamsError, listing, nearest
from seglib.vocabulary import is_currency, money, spoken, uncapitalised

LEAVE_ALONE = "Leave alone"
#: Measured facts that a play may ask for.
MEASURES = ("at_risk", "growth", "value_per_customer", "value_after_cost", "share", "value_share", "orders")


@dataclass(frozen=True)
class Play:
    """Something to do for a segment.

    Attributes
    ----------
    play, message, offer, channel, timing, measure
        What is done, said, offered, through what, when, and how success is measured. In message,
        offer and timing `{apart}` is replaced by what sets the segment apart and `{recency}`, as any
        feature that the play asks for, for what is typical of it.
    when
        Feature, or 'feature: answer', to least (positive) or most (negative) distance from all
        customers, in standard deviations; all must hold.
    objectives
        Objectives that it serves.
    at_least, at_most
        Bounds of measured facts (`MEASURES`); all must hold.
    requires
        sources (tables that must be there), known (feature to the share of a segment of which it
        must be known), consent (channel that customers must have agreed to).
    who
        targets, others (segments that were not chosen) or everyone.
    contact
        Channel that is paid for, as e-mail; none if no customer is contacted.
    response
        Incremental responses per contact as far as is believed: low, mean, high (90 % range) and
        of (customers, at_risk or dissatisfied: of whom it is a share) and basis (what is believed, and why).
    hypothesis, audience, days
        What a test would refute, who of the segment is contacted, and after how many days it is measured.
    outcome
        What the measure compares, where it is one of: ordered (share with an order), again (share with
        another order after the first), orders or spend (per customer), active (share still active).
    trades
        Trades that it is worded for; any if empty.
    value
        What a response is worth: order (so many orders at the segment's usual value), year (such
        a part of a customer's yearly value) or money.
    """

    play: str
    message: str
    offer: str
    channel: str
    timing: str
    measure: str
    when: dict[str, float]
    objectives: tuple[str, ...]
    at_least: dict[str, float] = field(default_factory=dict)
    at_most: dict[str, float] = field(default_factory=dict)
    requires: dict[str, Any] = field(default_factory=dict)
    who: str = "targets"
    contact: str | None = None
    response: dict[str, Any] | None = None
    value: dict[str, float] = field(default_factory=dict)
    hypothesis: str = ""
    audience: str = ""
    days: int = 60
    outcome: str = ""
    trades: tuple[str, ...] = ()

    @property
    def conditional(self) -> bool:
        """Whether it asks anything of a segment; otherwise it is a last resort."""
        return bool(self.when or self.at_least or self.at_most)


@dataclass(frozen=True)
class Check:
    """A condition or requirement held against a segment.

    Attributes
    ----------
    held
        Whether it holds; None if the data do not say, which stands in no play's way.
    kind
        distance, fact, unmeasured, source, known or consent: what is held against what.
    facts
        Its names and numbers, as the kind has them.
    short
        By how much it is missed, in standard deviations or in the fact's own unit; infinite if that
        is no number.
    """

    held: bool | None
    kind: str
    facts: dict[str, Any]
    short: float = 0.0

    def record(self) -> dict[str, Any]:
        """Return all of it as one record, to be put into words."""
        return {"kind": self.kind, "held": self.held, **self.facts}


def library(entries: list[dict[str, Any]], own: Iterable[dict[str, Any]] = ()) -> list[Play]:
    """Read a library of plays; a project's own come first and replace those of the same name.

    Raises
    ------
    ParamsError
        If two own plays have one name, or there is no play 'Leave alone'.
    """
    own = list(own)
    named = [entry["play"] for entry in own]
    twice = sorted({n for n in named if named.count(n) > 1})
    if twice:
        raise ParamsError(f"target.plays names the play '{twice[0]}' twice; give each play its own name")
    made = [Play(**entry) for entry in [*own, *(e for e in entries if e["play"] not in named)]]
    if not any(play.play == LEAVE_ALONE for play in made):
        raise ParamsError(f"the library of plays has no play '{LEAVE_ALONE}', for what is not chosen; add it")
    return made


def check_own(own: Iterable[dict[str, Any]], profiles: pd.DataFrame) -> None:
    """Refuse a project's own play that requires a feature which the project does not have.

    Raises
    ------
    ParamsError
        With the nearest feature.
    """
    known = {key for segment in traits(profiles).values() for key in segment}
    for entry in own:
        for name in [*entry["when"], *entry.get("requires", {}).get("known", {})]:
            if name not in known and name.removeprefix("any ") not in concepts():
                raise ParamsError(
                    f"target.plays: '{entry['play']}' asks for '{name}', which no segment has; allowed: "
                    f"{listing(known, 40)}.{nearest(name, known)}"
                )


def resolved(play: Play, own: dict[str, Any]) -> dict[str, Any]:
    """Add to a segment's traits what a play calls 'any CONCEPT': of the features about it, the farthest."""
    found = dict(own)
    for name, bound in play.when.items():
        concept = name.removeprefix("any ")
        if name in own or concept == name or concept not in concepts():
            continue
        rows = [r for key, r in own.items() if key != "any" and about(r, concept) and not pd.isna(r.distance)]
        if rows:
            found[name] = max(rows, key=lambda r: (np.sign(bound) * r.distance, r.label))
    return found


def traits(profiles: pd.DataFrame) -> dict[object, dict[str, Any]]:
    """Arrange profiles by segment and name: a feature, or 'feature: answer' for a level of one.

    A level that says yes goes by the feature's name too.
    """
    made: dict[object, dict[str, Any]] = {segment: {} for segment in profiles.segment.unique()}
    for row in profiles.itertuples():
        if pd.isna(row.answer):
            made[row.segment][row.feature] = row
            continue
        made[row.segment][f"{row.feature}: {row.answer}"] = row
        if affirmed(row):
            made[row.segment][row.feature] = row
    return made


def measures(value: pd.DataFrame, profiles: pd.DataFrame) -> pd.DataFrame:
    """Collect the measured facts of each segment that plays may ask for.

    Parameters
    ----------
    value
        One row per segment: segment, customers and as far as known the measures; value_per_customer
        in money.
    profiles
        One row per segment and feature; gross_margin is the value after cost, unless value has it, and
        order_count the orders.

    Returns
    -------
    pandas.DataFrame
        One row per segment, as index; the columns of `MEASURES` that are known. Value per customer
        is a multiple of that of all customers.
    """
    made = value.set_index("segment")
    out = made[[c for c in MEASURES if c in made and c != "value_per_customer"]].astype("float64")
    if "value_per_customer" in made and "value" in made:
        everywhere = made.value.sum() / made.customers.sum()
        out["value_per_customer"] = made.value_per_customer / everywhere if everywhere > 0 else np.nan
    for measure, feature in (("value_after_cost", "gross_margin"), ("orders", "order_count")):
        typical = (
            profiles[(profiles.feature == feature) & profiles.answer.isna()].set_index("segment").typical
        )
        if measure not in out and len(typical):
            out[measure] = typical.reindex(out.index)
    return out


def written(row: Any, column: str = "typical") -> str:
    """Write what is typical of a segment, or of all customers, with its unit."""
    found = float(getattr(row, column))
    if pd.isna(found):
        return "unknown"
    if not pd.isna(row.answer) or row.unit == "share":
        return f"{found:.0%}"
    if is_currency(row.unit):
        return money(found, row.unit)
    digits = 0 if abs(found) >= 10 or found == int(found) else 1
    unit = (
        uncapitalised(row.label) if row.unit == "orders" else row.unit
    )  # a project may call them bookings or bills
    number = f"{found:,.{digits}f}"
    if number == "1" and unit.endswith("s") and not unit.endswith("ss"):
        unit = unit.removesuffix("s")
    return number + (f" {unit}" if unit else "")


def conditions(play: Play, own: dict[str, Any], measured: pd.Series) -> list[Check]:
    """Hold a play's conditions against a segment: distances first, then measured facts.

    Parameters
    ----------
    play
        The play.
    own
        From `traits`, of the segment.
    measured
        From `measures`, of the segment.
    """
    made = [_distance(name, bound, own.get(name)) for name, bound in play.when.items()]
    for bounds, sign in ((play.at_least, 1), (play.at_most, -1)):
        for name, bound in bounds.items():
            value = measured.get(name, np.nan)
            if pd.isna(value):
                made.append(Check(False, "unmeasured", {"name": name}, np.inf))
                continue
            short = max(0.0, sign * (bound - value))
            facts = {"name": name, "value": value, "bound": bound, "at_least": sign > 0}
            made.append(Check(bool(short == 0), "fact", facts, float(short)))
    return made


def _distance(name: str, bound: float, row: Any) -> Check:
    if row is None or pd.isna(row.distance):
        return Check(False, "unmeasured", {"name": _called(name, row)}, np.inf)
    short = max(0.0, bound - row.distance if bound > 0 else row.distance - bound)
    own, overall = (
        written(row, c).removesuffix(f" {uncapitalised(row.label)}") for c in ("typical", "overall")
    )
    facts = {
        "label": uncapitalised(row.label),
        "words": row.words,
        "own": own,
        "overall": overall,
        "median": bool(pd.isna(row.answer)),
        "distance": row.distance,
        "bound": bound,
    }
    return Check(bool(short == 0), "distance", facts, float(short))


def _called(name: str, row: Any) -> str:
    return spoken(name) if row is None else uncapitalised(row.label)


def requirements(
    play: Play, own: dict[str, Any], customers: float, sources: Collection[str], purpose: str | None
) -> list[Check]:
    """Hold what a play requires against what is there.

    Parameters
    ----------
    play
        The play; each feature that it asks for must be known of `KNOWN` of the segment, unless it says
        otherwise.
    own, customers
        The segment's traits and size.
    sources
        Names of the sources that the run has.
    purpose
        What all customers who are looked at have agreed to, if that was asked.
    """
    made = [
        Check(source in sources, "source", {"source": source}, 0.0 if source in sources else np.inf)
        for source in play.requires.get("sources", ())
    ]
    for name, share in (dict.fromkeys(play.when, KNOWN) | play.requires.get("known", {})).items():
        row = own.get(name)
        enough = row is not None and bool(row.known >= share * customers)
        facts = {"name": _called(name, row), "share": share}
        made.append(Check(enough, "known", facts, 0.0 if enough else np.inf))
    consent = play.requires.get("consent")
    if consent:
        agreed = purpose is not None and consent.casefold() in purpose.casefold()
        made.append(Check(True if agreed else None, "consent", {"channel": consent}))
    return made
