"""Sentences of page 04: how segments move, who may leave, how content they are."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from seglib.report.words import capital, count, listed, money, plural, points, share
from seglib.vocabulary import uncapitalised

#: Drivers named in a sentence.
_NAMED = 3


def movement(table: pd.DataFrame, names: dict[int, str], currency: str | None = None) -> list[str]:
    """Say which segments grew and shrank, in customers who buy and in value, and what cannot be compared.

    Parameters
    ----------
    table
        From `movement.movement`.
    names
        Of the segments.
    currency
        Of the values.
    """
    if table.empty:
        return [
            "There are no transactions, so growth and retention are not known; a source of transactions "
            "allows them."
        ]
    spans = f"{table.recent.iloc[0]} against {table.earlier.iloc[0]}"
    known = table.dropna(subset=["growth_customers", "growth_value"])
    if known.empty:
        return [f"No segment can be compared over {spans}: too few of each bought in one of the spans."]
    said = [
        f"Compared: {spans}.",
        _grown(known, "customers", "Customers who bought,", names, count),
        _grown(known, "value", "Value ordered,", names, lambda x: money(x, currency)),
    ]
    others = [names[s] for s in table.segment if s not in set(known.segment)]
    if others:
        said.append(f"Too few bought in one of the spans to compare {listed(others)}.")
    return said


def _grown(
    known: pd.DataFrame, column: str, what: str, names: dict[int, str], write: Callable[[float], str]
) -> str:
    """Say who did best and who did worst."""
    at = known.sort_values([f"growth_{column}", "customers_recent"])
    told = [
        f"{names[row.segment]} {_change(row[f'growth_{column}'])} "
        f"({write(row[f'{column}_earlier'])} to {write(row[f'{column}_recent'])})"
        for _, row in at.iloc[[-1, 0]].iterrows()
    ]
    return f"{what} {told[0]}." if len(at) == 1 else f"{what} most: {told[0]}; least: {told[1]}."


def _change(growth: float) -> str:
    if abs(growth) < 0.005:
        return "stayed the same"
    return f"{'grew' if growth > 0 else 'shrank'} by {share(abs(growth))}"


def months(table: pd.DataFrame, names: dict[int, str], currency: str | None = None) -> str:
    """Name the strongest month of each segment."""
    known = table[table.value > 0]
    best = known.loc[known.groupby("segment").value.idxmax()]
    said = [
        f"{names[r.segment]}: most in {r.month:%Y-%m}, {money(r.value, currency)}" for r in best.itertuples()
    ]
    return f"{'; '.join(said)}." if said else "No month holds enough customers of any segment to be drawn."


def retention(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Say which segment keeps most and which fewest of its customers, at the oldest age that several reach."""
    known = table.dropna(subset="share")
    if known.empty:
        return "Retention is not known: it takes transactions over some months."
    reached = known.groupby("age").size()
    at = known[known.age == reached.index[reached >= min(2, reached.max())].max()].sort_values("share")
    rows = [at.iloc[-1]] if len(at) == 1 else [at.iloc[-1], at.iloc[0]]
    told = [f"{share(r.share)} ({share(r.low)} to {share(r.high)}) of {names[r.segment]}" for r in rows]
    when = f"in month {at.age.iloc[0]} after the first order's"
    least = f", and fewest {told[1]}" if len(told) > 1 else ""
    return f"{capital(when)} order again **{told[0]}**{least}; only customers who could be observed so long count."


def churn(
    table: pd.DataFrame, names: dict[int, str], seasonal: float = 0.0, by_silence: bool = False
) -> list[str]:
    """Say by what risk is judged, how high it is, and where it is highest and lowest.

    Parameters
    ----------
    table
        From `churn.churn`.
    names
        Of the segments.
    seasonal
        Share of customers who keep a season.
    by_silence
        Whether risk is judged by silence, which takes the buyers of one season for lost.
    """
    known = table.dropna(subset="share")
    if known.empty:
        return [
            "Who may leave is not known: it takes transactions, subscriptions with their ends, or a feature "
            "named in assess.risk."
        ]
    overall = known.at_risk.sum() / known.customers.sum()
    at = known.sort_values("share")
    rows = [at.iloc[-1]] if len(at) == 1 else [at.iloc[-1], at.iloc[0]]
    told = [f"{names[r.segment]} ({share(r.share)}; {share(r.low)} to {share(r.high)})" for r in rows]
    least = f", least in {told[1]}" if len(told) > 1 else ""
    said = [f"At risk is who {known.source.iloc[0]}: {share(overall)} of all, most in **{told[0]}**{least}."]
    if by_silence and seasonal > 0:
        said.append(
            f"{capital(share(seasonal))} of customers order in one season of every year and are not overdue "
            "until they have missed it; who was seen in a single season looks overdue out of it."
        )
    elif by_silence:
        said.append(
            "Nobody was seen in the same season of two years, so seasonal buyers look overdue out of season."
        )
    return said


def drivers(table: pd.DataFrame, known: bool, why: str, left_out: tuple[str, ...] = ()) -> list[str]:
    """Say what goes with being at risk, and that it need not be the cause.

    Parameters
    ----------
    table, known, why, left_out
        As `drivers.Drivers` holds them.
    """
    said = [why]
    sure = table[table.sure.astype(bool)] if known else table.head(0)
    if known and sure.empty:
        said.append("No feature by itself surely goes with it.")
    if len(sure):
        told = [_driver(row) for row in sure.head(_NAMED).itertuples()]
        said.append(
            f"Higher risk goes most with {'; '.join(told)}. This is association, not cause: both may follow "
            "from something that is not measured, and only a test tells what to change."
        )
    if len(sure) and left_out:
        said.append(
            f"Left out, as they follow from the others: {listed(uncapitalised(label) for label in left_out)}."
        )
    return said


def _driver(row: object) -> str:
    """Name what goes with higher risk, and by how much the odds rise per standard deviation."""
    odds = sorted([row.odds_ratio, 1 / row.odds_ratio])[1]
    ends = (row.low, row.high) if row.odds_ratio >= 1 else (1 / row.high, 1 / row.low)
    return f"**{row.words}** (odds × {odds:.1f} per standard deviation; {ends[0]:.1f} to {ends[1]:.1f})"


def satisfaction(table: pd.DataFrame, names: dict[int, str], remarks: tuple[str, ...] = ()) -> list[str]:
    """Say who is most and least content, and who would recommend.

    Parameters
    ----------
    table
        From `satisfaction.satisfaction`.
    names
        Of the segments.
    remarks
        What was not used, and why.
    """
    if table.empty:
        return [
            *remarks,
            "No answers tell how content customers are: it takes responses with an item called nps, "
            "recommend or satisfaction, or one named in assess.satisfaction.",
        ]
    said = list(remarks)
    for item, rows in table.groupby("item", sort=False):
        known = rows.dropna(subset="mean")
        if known.empty:
            said.append(f"Too few answered '{item}' to tell segments apart.")
            continue
        promoters = known.nps.notna().all()
        at = known.sort_values("nps" if promoters else "mean")
        ends = [at.iloc[-1]] if len(at) == 1 else [at.iloc[-1], at.iloc[0]]
        told = [f"{names[r.segment]} ({_score(r, promoters)})" for r in ends]
        what = "net promoter score" if promoters else "mean answer"
        least = f", lowest {told[1]}" if len(told) > 1 else ""
        answers = plural(int(known.answers.sum()), "answer")
        said.append(f"By '{item}' ({answers}) the {what} is highest in **{told[0]}**{least}.")
    return said


def _score(row: pd.Series, promoters: bool) -> str:
    if promoters:
        return f"{points(row.nps)}; {points(row.nps_low)} to {points(row.nps_high)}"
    return f"{row['mean']:.1f}; {row.low:.1f} to {row.high:.1f}"
