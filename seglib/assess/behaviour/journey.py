"""The journey of customers: how far they come in a funnel of steps, and what follows what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import ibis
import pandas as pd
import yaml
from ibis import _

from seglib.assess.behaviour.beside import BESIDE, means, shares
from seglib.assess.behaviour.movement import located
from seglib.assess.thresholds import MOST_KINDS
from seglib.errors import DataError, listing, nearest

FUNNEL = ("segment", "place", "step", "customers", "reached", "share", "low", "high", *BESIDE)
MOVES = ("segment", "kind", "following", "customers", "moved", "share", "low", "high", *BESIDE)
#: The step that orders are, where events do not hold it; and what follows where nothing does.
ORDER, NOTHING = "order", "nothing more"
#: Why there is no funnel: no events, no kinds of event, or too few of them are recognised.
REASONS = ("no events", "no kinds", "not recognised")


@dataclass(frozen=True)
class Journey:
    """How customers get to an order.

    Attributes
    ----------
    funnel
        The table `steps`: one row per segment and step, and per step for all customers.
    moves
        The table `transitions`: one row per segment and pair of kinds, and per pair for all customers.
    kinds
        Kinds of event that there are, the most frequent first, with the customers of each.
    since
        First day of the events.
    days
        From then to the day after the last event.
    reason
        Why there is no funnel, of `REASONS`; empty if there is one.
    """

    funnel: pd.DataFrame
    moves: pd.DataFrame
    kinds: Mapping[str, int] = field(default_factory=dict)
    since: pd.Timestamp | None = None
    days: int = 0
    reason: str = ""


def journey(
    events: ibis.Table | None,
    transactions: ibis.Table | None,
    segments: ibis.Table,
    declared: Sequence[str] | None = None,
) -> Journey:
    """Measure how far the customers of each segment come, step by step, and what they do next.

    A customer reaches a step who takes it on the day of the step before or later (a closed funnel); all steps
    are counted from the first day of the events on. What follows an event is the next one of the same
    session or, where sessions are not known, of the same day.

    Parameters
    ----------
    events
        One row per event: customer, time, type, and session where it is known; or nothing.
    transactions
        One row per product in an order: customer, time; or nothing. They are the step `order` where no
        event of that kind is.
    segments
        One row per customer: customer, segment.
    declared
        Kinds of event in their order, as `assess.funnel` gives them; recognised by their names if absent.

    Raises
    ------
    DataError
        If a declared step is neither a kind of event nor `order`.
    """
    empty = pd.DataFrame(columns=list(FUNNEL)), pd.DataFrame(columns=list(MOVES))
    if events is None or "type" not in events.columns:
        if declared:
            raise DataError(
                "assess.funnel lists kinds of event, but there is no source of events with a column for type; "
                "map sources.events.columns.type, or leave assess.funnel out"
            )
        return Journey(*empty, reason="no events" if events is None else "no kinds")
    spelled = events.mutate(kind=_spelled(events.type)).filter(_.kind != "")
    counted = spelled.group_by("kind").agg(n=_.count(), customers=_.customer.nunique()).to_pandas()
    counted = counted.sort_values(["n", "kind"], ascending=[False, True])
    kinds = dict(zip(counted.kind, counted.customers.astype(int), strict=True))
    moves = transitions(spelled, segments, list(kinds)[:MOST_KINDS])
    steps = funnel_steps(list(kinds), declared, transactions is not None)
    if len(steps) < 2:
        return Journey(empty[0], moves, kinds, reason="not recognised")
    ends = events.agg(first=_.time.min(), last=_.time.max()).to_pandas().iloc[0]
    since, days = pd.Timestamp(ends["first"]).normalize(), (ends["last"] - ends["first"]).days + 1
    return Journey(_funnel(spelled, transactions, segments, steps, since), moves, kinds, since, days)


def _spelled(kind: ibis.Value) -> ibis.Value:
    return kind.cast("string").lower().re_replace(r"[^\p{L}0-9]+", " ").strip()


def funnel_steps(
    kinds: Sequence[str], declared: Sequence[str] | None = None, orders: bool = False
) -> dict[str, tuple[str, ...]]:
    """Find the steps of a funnel, and the kinds of event that each is; orders of transactions are of none.

    Examples
    --------
    >>> funnel_steps(["view", "addtocart", "mail"], orders=True)
    {'visit': ('view',), 'basket': ('addtocart',), 'order': ()}
    >>> funnel_steps(["demo", "add to cart", "mail"], ["Demo", "add/to.cart"])
    {'Demo': ('demo',), 'add/to.cart': ('add to cart',)}
    """
    if declared:
        plain = {step: " ".join(re.findall(r"[^\W_]+", step.lower())) for step in declared}  # as `_spelled`
        unknown = [s for s, word in plain.items() if word not in kinds and not (word == ORDER and orders)]
        if unknown:
            raise DataError(
                f"assess.funnel lists {listing(unknown)}, which is no kind of event; allowed: {listing(kinds)}"
                f"{', and order for orders of the transactions' if orders else ''}."
                f"{nearest(unknown[0], kinds)}"
            )
        return {step: (word,) if word in kinds else () for step, word in plain.items()}
    found = {
        step: tuple(k for k in kinds if k.replace(" ", "") in words) for step, words in _recognised().items()
    }
    return {step: own for step, own in found.items() if own or (step == ORDER and orders)}


@cache
def _recognised() -> dict[str, set[str]]:
    text = (Path(__file__).parent / "funnel.yaml").read_text(encoding="utf-8")
    return {step: {word.replace(" ", "") for word in words} for step, words in yaml.safe_load(text).items()}


def _funnel(
    events: ibis.Table,
    transactions: ibis.Table | None,
    segments: ibis.Table,
    steps: Mapping[str, tuple[str, ...]],
    since: pd.Timestamp,
) -> pd.DataFrame:
    """Count who reaches each step after the one before."""
    names = list(steps)
    reached = located(segments.select("customer"), segments)
    for place, own in enumerate(steps.values()):
        if own or transactions is None:
            taken = events.filter(_.kind.isin(own))
        else:
            taken = transactions.filter(_.time >= since.to_pydatetime())
        days = taken.select("customer", day=taken.time.date())
        if place:
            before = reached.select("customer", before=f"day_{place - 1}")
            days = days.inner_join(before, "customer").filter(_.day >= _.before)
        first = days.group_by("customer").agg(**{f"day_{place}": _.day.min()})
        reached = reached.left_join(first, "customer").drop("customer_right").cache()
    counts = {str(place): reached[f"day_{place}"].count() for place in range(len(names))}
    square = reached.group_by("segment").agg(all=_.count(), **counts).to_pandas().sort_values("segment")
    parts = []
    for place, step in enumerate(names):
        base = square["all" if place == 0 else str(place - 1)]
        part = pd.DataFrame({"segment": square.segment, "customers": base, "reached": square[str(place)]})
        parts.append(part.assign(place=place + 1, step=step))
    return shares(pd.concat(parts, ignore_index=True), ["place", "step"])[list(FUNNEL)]


def transitions(events: ibis.Table, segments: ibis.Table, kinds: Sequence[str]) -> pd.DataFrame:
    """Measure what follows each kind of event: the mean over customers of their own shares.

    Parameters
    ----------
    events
        One row per event: customer, time, kind, and session where it is known.
    segments
        One row per customer: customer, segment.
    kinds
        That are compared; all others are called other.

    Returns
    -------
    pandas.DataFrame
        The table `transitions`: as `MOVES`, for pairs that any customer went through.
    """
    own = located(events.mutate(kind=_.kind.isin(list(kinds)).ifelse(_.kind, "other")), segments)
    visit = [_.session] if "session" in events.columns else [_.time.date()]
    window = ibis.window(group_by=[_.customer, *visit], order_by=[_.time, _.kind])
    after = own.mutate(following=_.kind.lead().over(window)).mutate(following=_.following.fill_null(NOTHING))
    pairs = after.group_by("customer", "segment", "kind", "following").agg(n=_.count())
    own_shares = pairs.mutate(share=_.n / _.n.sum().over(ibis.window(group_by=["customer", "kind"])))
    sums = own_shares.group_by("segment", "kind", "following").agg(
        moved=_.count(), total=_.share.sum().round(9), squares=(_.share * _.share).sum().round(9)
    )
    cells = sums.to_pandas()
    if cells.empty:
        return pd.DataFrame(columns=list(MOVES))
    bases = pairs.group_by("segment", "kind").agg(customers=_.customer.nunique()).to_pandas()
    keys = cells[["kind", "following"]].drop_duplicates()
    grid = (
        bases.merge(keys, on="kind").merge(cells, on=["segment", "kind", "following"], how="left").fillna(0.0)
    )
    ordered = grid.sort_values(["kind", "following", "segment"], ignore_index=True)
    return means(ordered, ["kind", "following"])[list(MOVES)]
