"""Sentences of page 04: what segments will bring, how far that held, and how long customers stay."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.report.words import count, listed, money, plural, share

#: Below this the Gamma-Gamma model has no finite variance between customers.
_HEAVY = 2.0
#: A rank correlation beyond this is one.
_TOGETHER = 0.3
#: Models by their names in the literature.
_MODELS = {"bg/nbd": "BG/NBD", "mbg/nbd": "MBG/NBD", "pareto/nbd": "Pareto/NBD"}


def terms(parameters: pd.DataFrame, told: dict[str, object], currency: str | None) -> list[str]:
    """Say what the future was reckoned under.

    Parameters
    ----------
    parameters
        One row per parameter: parameter, estimate, low, high.
    told
        model, days, discount_rate, margin, kept, posterior, priors, fitted_on and together.
    currency
        Of the money.
    """
    known = listed(
        f"{r.parameter} {_digits(r.estimate)} ({_digits(r.low)} to {_digits(r.high)})"
        for r in parameters.itertuples()
    )
    how = "by the full posterior" if told["posterior"] else "at the mode of the posterior"
    less = f", less the {share(1 - told['kept'], 1)} that goes back" if told["kept"] < 1 else ""
    return [
        f"**{_MODELS[told['model']]}** and Gamma-Gamma, {told['days']} days ahead, discounted at "
        f"{share(told['discount_rate'])} a year, at a margin of {share(told['margin'])}{less}.",
        f"Fitted on {plural(told['fitted_on'], 'buyer')} {how}, in weeks{f' and {currency}' if currency else ''}: "
        f"{known}.",
        str(told["priors"]),
        _apart(told["together"]),
        _tail(parameters),
    ]


def _digits(x: float) -> str:
    return f"{x:.3g}" if x < 1000 else count(x)


def _tail(parameters: pd.DataFrame) -> str:
    """Warn where what customers spend differs so much that a mean rests on few."""
    q = parameters.set_index("parameter").estimate.get("q", np.inf)
    if q >= _HEAVY:
        return ""
    return (
        f"What customers spend each time differs so much (q {q:.2f}) that means rest on few big spenders: of customers "
        "who came once, read the money with caution."
    )


def _apart(together: float) -> str:
    """Warn where how often and how much is bought go together, which the models take for unrelated."""
    if not abs(together) >= _TOGETHER:
        return ""
    return (
        f"Who buys more often spends {'more' if together > 0 else 'less'} each time (rank correlation "
        f"{together:+.2f}), which the models do not know: read the money with caution."
    )


def heading(table: pd.DataFrame) -> str:
    """Name the table of what segments will bring."""
    return f"What segments will bring in {int(table.days.iloc[0])} days, with intervals of 95 %"


def tested(table: pd.DataFrame) -> str:
    """Say in one number a test how far the model was off."""
    rows = table[table.of == "all"]
    each = listed(f"{share(r.ratio)} from {_day(r.since)} on" for r in rows.itertuples())
    return (
        "Expected as a share of what happened, with intervals of 95 %; the dashed line is what happened. "
        f"All buyers: {each}."
    )


def lifetime(table: pd.DataFrame, currency: str | None, min_cell: int = 1) -> list[str]:
    """Say who will bring most, or why it cannot be said.

    Parameters
    ----------
    table
        Lifetime of segments, with name.
    currency
        Of the money.
    min_cell
        Segments of fewer buyers are not spoken of.
    """
    reason, days = table.reason.iloc[0], int(table.days.iloc[0])
    if not days:
        return [f"What segments will bring is not reckoned, because {reason}."]
    shown = table[table.buyers >= min_cell]
    if shown.empty:
        return ["Every segment has too few buyers to be spoken of."]
    said = []
    if shown.lifetime_value.notna().all():
        most, each = (shown.loc[shown[c].idxmax()] for c in ("lifetime_value", "per_customer"))
        said.append(
            f"In the next {days} days **{most['name']}** is expected to bring most: "
            f"{between(most.lifetime_value, most.lifetime_low, most.lifetime_high, currency)}; "
            f"a customer most in {each['name']}: "
            f"{between(each.per_customer, each.per_customer_low, each.per_customer_high, currency)}."
        )
    else:
        said.append(f"Money is not foretold, because {reason}.")
        most = shown.loc[shown.purchases.idxmax()]
        said.append(
            f"In the next {days} days **{most['name']}** is expected to buy most: on {_days(most)} days."
        )
    rest = int((table.customers - table.buyers).sum())
    if rest >= min_cell:
        said.append("Customers who have not bought count as nothing.")
    return [*said, _sureness(float(table.miss.iloc[0]))]


def _days(row: pd.Series) -> str:
    return f"{count(row.purchases)} ({count(row.purchases_low)} to {count(row.purchases_high)})"


def between(middle: float, low: float, high: float, currency: str | None) -> str:
    """Write an amount with its interval.

    Examples
    --------
    >>> between(1200, 900, 1500, "GBP")
    '£1,200 (£900 to £1,500)'
    """
    return f"{money(middle, currency)} ({money(low, currency)} to {money(high, currency)})"


def _sureness(miss: float) -> str:
    if np.isnan(miss):
        return "Intervals hold if the model does, which could not be tested."
    if miss < 0.005:
        return "Intervals are those of the model, which missed no more than chance allows when it was tested."
    return f"Intervals are wider than the model's by the {share(np.expm1(miss))} that it missed when it was tested."


def calibration(table: pd.DataFrame, names: dict[int, str], min_cell: int = 1) -> list[str]:
    """Say how well the model would have foretold the last part of the period.

    Parameters
    ----------
    table
        From `value.calibration`, one test after the other, or a row with why there is none.
    names
        Of the segments.
    min_cell
        Segments of fewer buyers are not spoken of.
    """
    if (table.of == "none").all():
        return [f"The model could not be tested, because {table.why.iloc[0]}."]
    said = [_one_test(rows, min_cell) for _, rows in table.groupby("since", sort=False)]
    own = table[(table.of == "segment") & (table.buyers >= min_cell) & (table.happened > 0)]
    if own.empty:
        why = table.why.iloc[0]
        return [*said, f"It is tested for all buyers together, because {why}." if why else ""]
    off = own.assign(apart=np.log(own.ratio.astype(float)).abs()).sort_values("apart").iloc[-1]
    if not 0.9 <= off.ratio <= 1.1:
        said.append(f"It was furthest off for **{names[int(off.segment)]}**, with {share(off.ratio)}.")
    return said


def _one_test(table: pd.DataFrame, min_cell: int) -> str:
    row = table[table.of == "all"].iloc[0]
    said = (
        f"Held back from {_day(row.since)} to before {_day(row.until)}: {count(row.expected)} days with a purchase "
        f"expected ({count(row.low)} to {count(row.high)}), {count(row.happened)} happened: **{share(row.ratio)}**"
    )
    own = table[(table.of == "segment") & (table.buyers >= min_cell)]
    if own.empty:
        return f"{said}."
    good = own[own.ratio.between(0.9, 1.1)]
    return (
        f"{said}; within 10% of what happened for {len(good)} of {plural(len(own), 'segment')}, with "
        f"{share(good.buyers.sum() / own.buyers.sum())} of buyers, and in the interval for {int(own.covered.sum())}."
    )


def _day(day: pd.Timestamp) -> str:
    return f"{day:%d %B %Y}".lstrip("0")


def survival(table: pd.DataFrame, names: dict[int, str]) -> list[str]:
    """Say who subscribes longest and shortest, or why it cannot be said."""
    if table.reason.iloc[0]:
        return [f"How long customers subscribe is not known, because {table.reason.iloc[0]}."]
    each = table.drop_duplicates("segment").sort_values(["lifetime", "customers"])
    within = int(table.within.iloc[0])

    def told(row: pd.Series) -> str:
        name = names[int(row.segment)]
        return f"**{name}** {row.lifetime:.1f} ({row.lifetime_low:.1f} to {row.lifetime_high:.1f})"

    ends = [each.iloc[-1], each.iloc[0]] if len(each) > 1 else [each.iloc[0]]
    return [f"Of the first {within} months, customers subscribe on average: {listed(told(r) for r in ends)}."]
