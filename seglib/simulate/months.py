"""Customers who change on a day: two drawings of the same customers, one until that day and one from it on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from seglib.errors import ParamsError, listing, nearest
from seglib.simulate.generator import drawn, members
from seglib.simulate.sections import Planted
from seglib.simulate.specification import Industry
from seglib.simulate.tables import Members

#: Tables of what customers do, which go on after the day; all others are those of the first drawing.
_TIMED = ("transactions", "events", "responses")
#: Share of customers who move to another segment, and who are new.
_MOVED, _BORN = 0.2, 0.15
_FIRST_ID, _FIRST_ORDER = 800_000, 5_000_000

_Groups = dict[str, Members]


def changed(
    industry: Industry, change: str, on: dt.date, n_customers: int = 0, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Generate the tables of an industry whose customers change on a day.

    Parameters
    ----------
    industry
        Its specification.
    change
        Of `CHANGES`. nothing; moved: a fifth of the customers behave as another segment; born: new customers
        of another kind; died: the customers of a segment stop; split: half of a segment orders more often and
        less at a time; merged: the customers of one segment behave as those of another; drift: all baskets are
        larger by a third; season: the month of that day sees three times as many orders, every year;
        schema: a new answer in place of a device, and the last attribute of the customers is gone.
    on
        The day, before the specification's as_of.
    n_customers, seed
        As `generate` takes them.

    Returns
    -------
    dict of pandas.DataFrame
        As `generate` gives them; truth has also `after`: the segment from that day on.

    Raises
    ------
    ParamsError
        If the change is not known, or the day is not within the last year of the specification.
    """
    if change not in CHANGES:
        raise ParamsError(
            f"--change: found '{change}'; allowed: {listing(CHANGES)}.{nearest(change, CHANGES)}"
        )
    if not dt.timedelta(0) < industry.as_of - on < dt.timedelta(366):
        raise ParamsError(f"--on: found {on}; allowed: a day within the year before {industry.as_of}")
    rng = np.random.default_rng([seed, 99])
    before = members(industry, n_customers, seed)
    if change == "season":
        before = {name: _with_season(of, on.month) for name, of in before.items()}
    after = CHANGES[change](rng, before, (industry.as_of - on).days)
    first, second = drawn(industry, before, seed), drawn(industry, after, seed + 1, _FIRST_ORDER)
    tables = {
        kind: _joined(table, second[kind], industry.columns[kind]["time"], on) if kind in _TIMED else table
        for kind, table in first.items()
    }
    key = industry.columns["customers"]["customer"]
    new = second["customers"][~second["customers"][key].isin(first["customers"][key])]
    tables["customers"] = pd.concat([first["customers"], new], ignore_index=True)
    tables["truth"] = first["truth"].merge(
        second["truth"].rename(columns={"segment": "after"}), on="customer_id", how="outer"
    )
    return _renamed(tables, industry, on) if change == "schema" else tables


def _joined(first: pd.DataFrame, second: pd.DataFrame, time: str, on: dt.date) -> pd.DataFrame:
    day = pd.Timestamp(on)
    rows = pd.concat([first[first[time] < day], second[second[time] >= day]], ignore_index=True)
    return rows.sort_values(time, ignore_index=True, kind="stable")


def _renamed(tables: dict[str, pd.DataFrame], industry: Industry, on: dt.date) -> dict[str, pd.DataFrame]:
    gone = list(industry.attributes)[-1:]
    made = tables | {"customers": tables["customers"].drop(columns=gone)}
    columns = industry.columns.get("events", {})
    if "device" in columns:
        rows, device = tables["events"], columns["device"]
        new = (rows[columns["time"]] >= pd.Timestamp(on)) & (rows[device] == rows[device].mode().iloc[0])
        made["events"] = rows.assign(**{device: rows[device].mask(new, "wearable")})
    return made


def _buying(of: Members, **factors: float) -> Members:
    """Multiply numbers of how customers buy."""
    bought = of.planted.purchases
    if bought is None:
        return of
    values = {name: getattr(bought, name) * factor for name, factor in factors.items()}
    return replace(of, planted=of.planted.model_copy(update={"purchases": bought.model_copy(update=values)}))


def _with_season(of: Members, month: int) -> Members:
    bought = of.planted.purchases
    if bought is None:
        return of
    weights = list(bought.months or (1.0,) * 12)
    weights[month - 1] *= 3
    spec = bought.model_copy(update={"months": tuple(weights)})
    return replace(of, planted=of.planted.model_copy(update={"purchases": spec}))


def _busiest(groups: _Groups, days: int) -> list[str]:
    """Name the segments, those that were there before the day and order most often first."""
    rate = {n: of.planted.purchases.per_year if of.planted.purchases else 0.0 for n, of in groups.items()}
    there = {name: of.planted.tenure[0] > days for name, of in groups.items()}
    return sorted(groups, key=lambda n: (not there[n], -rate[n]))


def _moved(rng: np.random.Generator, groups: _Groups, days: int) -> _Groups:
    """Let a fifth of the customers change places."""
    ids = np.concatenate([of.ids for of in groups.values()])
    movers = np.flatnonzero(rng.random(len(ids)) < _MOVED)
    ids[movers] = ids[np.roll(movers, len(movers) // 2)]
    parts = np.split(ids, np.cumsum([len(of.ids) for of in groups.values()])[:-1])
    return {name: replace(of, ids=own) for (name, of), own in zip(groups.items(), parts, strict=True)}


def _born(rng: np.random.Generator, groups: _Groups, days: int) -> _Groups:
    name = _busiest(groups, days)[-1]
    model = groups[name].planted
    n = max(round(_BORN * sum(len(of.ids) for of in groups.values())), 20)
    own = {"per_year": 40.0, "basket": 12.0, "silent": (0.0, 0.0), "months": ()}
    spec = model.purchases and model.purchases.model_copy(update=own)
    planted: Planted = model.model_copy(update={"purchases": spec})
    ids = np.array([f"N{number}" for number in rng.permutation(n) + _FIRST_ID], dtype=object)
    tenure = np.round(rng.uniform(1, max(days, 2), n))
    return groups | {"born": Members(planted, ids, tenure, np.zeros(n), np.ones(n, dtype=bool))}


def _died(rng: np.random.Generator, groups: _Groups, days: int) -> _Groups:
    name = _busiest(groups, days)[0]
    silent = groups[name].planted.model_copy(update={"purchases": None, "visits": None, "answers": {}})
    return groups | {name: replace(groups[name], planted=silent)}


def _split(rng: np.random.Generator, groups: _Groups, days: int) -> _Groups:
    name = _busiest(groups, days)[0]
    whole = groups[name]
    half = rng.random(len(whole.ids)) < 0.5
    one, other = (
        Members(whole.planted, whole.ids[part], whole.tenure[part], whole.gone[part], whole.bought[part])
        for part in (~half, half)
    )
    return groups | {name: one, f"{name}, split off": _buying(other, per_year=3.0, basket=0.3)}


def _merged(rng: np.random.Generator, groups: _Groups, days: int) -> _Groups:
    one, other = _busiest(groups, days)[:2]
    return groups | {other: replace(groups[other], planted=groups[one].planted)}


def _drift(rng: np.random.Generator, groups: _Groups, days: int) -> _Groups:
    return {name: _buying(of, basket=4 / 3) for name, of in groups.items()}


def _nothing(rng: np.random.Generator, groups: _Groups, days: int) -> _Groups:
    return groups


#: By change, who behaves how from the day on.
CHANGES: dict[str, Callable[[np.random.Generator, _Groups, int], _Groups]] = {
    "nothing": _nothing,
    "moved": _moved,
    "born": _born,
    "died": _died,
    "split": _split,
    "merged": _merged,
    "drift": _drift,
    "season": _nothing,
    "schema": _nothing,
}


def with_effect(
    transactions: pd.DataFrame, treated: pd.Series, lift: float, since: dt.date, until: dt.date, seed: int = 0
) -> pd.DataFrame:
    """Add the orders that a campaign causes: some of the treated customers' own, once more.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, order, time and others.
    treated
        Customers who were contacted.
    lift
        Expected number of added orders per order that they place from `since` to before `until`, 0 to 1.
    """
    rng = np.random.default_rng([seed, 98])
    inside = transactions.time.between(pd.Timestamp(since), pd.Timestamp(until), inclusive="left")
    own = transactions[inside & transactions.customer.isin(treated)]
    orders = own.order.drop_duplicates()
    again = own[own.order.isin(orders[rng.random(len(orders)) < lift])]
    if again.empty:
        return transactions
    again = again.assign(order=again.order.astype(str) + "X", time=again.time + pd.Timedelta(minutes=30))
    return pd.concat([transactions, again], ignore_index=True).sort_values("time", ignore_index=True)
