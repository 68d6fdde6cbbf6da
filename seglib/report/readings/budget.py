"""Sentences of page 05: the plays, what they may bring, and the split of the budget."""

from __future__ import annotations

import pandas as pd

from seglib.report.words import count, listed, money, plural, share


def plays(table: pd.DataFrame, names: dict[int, str], objective: str) -> str:
    """Say how many targets got a play of their own, which to merge, and what acquisition means here."""
    chosen = table[table.target]
    if chosen.empty:
        return "There is no target, and so no play: all customers are served as before."
    ready = chosen.because != "no ready-made play fits its profile"
    meet = "meets" if 1 in (ready.sum(), len(chosen)) else "meet"
    said = [
        f"{int(ready.sum())} of {plural(len(chosen), 'target')} {meet} the conditions of a ready-made play."
    ]
    if not ready.all():
        without = listed(f"**{names[s]}**" for s in chosen.segment[~ready])
        said.append(f"None fits {without}: the last resort speaks of what sets them apart.")
    merge = table[table.merge_with != ""]
    said += [
        f"**{names[r.segment]}** and {r.merge_with} agree in everything that is known of both: merge them."
        for r in merge.itertuples()
        if names[r.segment] < r.merge_with
    ]
    if objective == "acquisition":
        said.append(
            "All customers here are existing ones: a play for acquisition reaches others through them, or "
            "looks for others like them."
        )
    return " ".join(said)


def response(expected: pd.DataFrame) -> str:
    """Say what the expectations stand on, and of which targets there are none."""
    if expected.empty:
        return "There is no target whose response could be expected."
    said = []
    known = expected[expected.lacking == ""]
    learned = expected[expected.learned_from != ""]
    assumed = known[known.learned_from == ""]
    if len(learned):
        names = dict.fromkeys(c for told in learned.learned_from for c in told.split("; "))
        said.append(
            f"Responses of {_bold(learned)} are learned from {listed(names)}; a campaign that was not like the "
            "play counts for less."
        )
    if len(assumed):
        said.append(
            f"Responses of {_bold(assumed)} are assumptions: no campaign with a holdout has measured them, and "
            "the intervals are as wide as what is believed."
        )
    if len(known) and (known.margin_share == 1.0).all():
        said.append(
            "No margin is known, so a response is worth all that is paid for it; target.budget.margin says "
            "how much of it remains."
        )
    for why, rows in expected[expected.lacking != ""].groupby("lacking", sort=False):
        said.append(f"No money can be reckoned with for {_bold(rows)}: {why}.")
    why = " ".join(expected.lacking)
    if "its play" in why:
        said.append(
            "A play of your own under target.plays that says contact, response and value would allow it."
        )
    if "not known" in why:
        said.append(
            "Orders would allow it, or a feature named in assess.value with target.budget.value_years, or "
            "plays whose value is an amount of money."
        )
    return " ".join(said)


def _bold(rows: pd.DataFrame) -> str:
    return listed(f"**{name}**" for name in rows["name"])


def budget(planned: pd.DataFrame, compared: pd.DataFrame, left: str, currency: str | None) -> str:
    """Say what the plan costs and brings, what the next 1,000 would, and what is left over."""
    known = planned[planned.lacking == ""]
    if known.empty:
        return "There is nothing to split a budget over."
    if known.total.isna().all():
        return _everybody(known, currency)
    own = compared.iloc[0]
    said = [
        f"The split spends {money(own.budget, currency)} and is expected to bring {_interval(own, currency)} more than "
        "it costs.",
        *(_beside(other, currency) for other in compared.iloc[1:].itertuples()),
        _next(known, currency),
    ]
    if own.profit <= 0 < own.budget:
        said.append("**It does not pay under these expectations.**")
    return " ".join([*said, left]).strip()


def _interval(row: object, currency: str | None) -> str:
    profit, low, high = (money(x, currency) for x in (row.profit, row.profit_low, row.profit_high))
    return f"{profit} (95 %: {low} to {high})"


def _beside(other: object, currency: str | None) -> str:
    named = other.split if "split" in other.split else f"split {other.split}"
    return (
        f"The {named} would bring {money(other.profit, currency)}; this one is ahead in {share(other.ahead)} of the "
        "draws of the responses."
    )


def _next(known: pd.DataFrame, currency: str | None) -> str:
    """Say what the next 1,000 would bring, and where it would go."""
    more = known[known.next_budget >= 0.5]
    amount = money(1000, currency)
    if more.empty:
        return f"The next {amount} would bring nothing: no further contact pays, or none is allowed."
    return (
        f"Of the next {amount}, {money(more.next_budget.sum(), currency)} would be spent and bring "
        f"{money(more.next_profit.sum(), currency)} more than that, most for "
        f"**{more.loc[more.next_budget.idxmax(), 'name']}**."
    )


def _everybody(known: pd.DataFrame, currency: str | None) -> str:
    cost, gain, n = known.budget.sum(), known.profit.sum(), count(known.customers.sum())
    each = "; ".join(f"**{row['name']}** {_interval(row, currency)}" for _, row in known.iterrows())
    return (
        f"There is no budget; target.budget.total would be split. Contacting all {n} customers of the "
        f"{'targets' if len(known) > 1 else 'target'} once would cost {money(cost, currency)} and is expected to bring "
        f"{money(gain, currency)} more than that: {each}."
    )
