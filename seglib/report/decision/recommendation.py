"""The recommendation: one paragraph, four numbers, and why."""

from __future__ import annotations

import pandas as pd

from seglib.report.decision.case import Case
from seglib.report.words import count, listed, money, plural, share
from seglib.vocabulary import uncapitalised


def lead(case: Case) -> str:
    """Recommend, in one paragraph."""
    n, targets = len(case.rows), case.targets
    if n == 1:
        return (
            "**There are no segments to choose from.** Serve all customers alike until there is more to tell "
            "them apart; orders would allow rules."
        )
    if targets.empty:
        return (
            f"No segment of the {n} is recommended as a target. **{case.rows.decided_by.iloc[0].capitalize()}.** "
            "Serve all customers alike until there is more to tell them apart."
        )
    names = listed(f"**{uncapitalised(name)}**" for name in targets["name"])
    one = len(targets) == 1
    do = _spend(case) if case.budgeted else "Go after"
    brings = (
        f" and bring{'s' if one else ''} {share(targets.value_share.sum())} of value" if case.valued else ""
    )
    rest = n - len(targets)
    leave = f" Leave the other {'one' if rest == 1 else plural(rest, 'segment')} alone." if rest else ""
    return (
        f"{do} {plural(len(targets), 'segment')} of {n}: {names}. {'It is' if one else 'They are'} "
        f"{share(targets.share.sum())} of customers{brings}.{leave}"
    )


def _spend(case: Case) -> str:
    """Say what is spent, and of how much."""
    spent, total = case.targets.budget.sum(), case.targets.total.max()
    of = "" if spent > 0.995 * total else f" of {money(total, case.currency)}"
    return f"Put **{money(spent, case.currency)}**{of} into"


def tiles(case: Case) -> list[dict[str, str]]:
    """Give the numbers to remember."""
    if len(case.rows) == 1:
        return [_tile(count(case.rows.customers.sum()), "customers, one segment")]
    targets, many = case.targets, "target" if len(case.targets) == 1 else f"{len(case.targets)} targets"
    made = []
    if case.budgeted:
        own = case.tables["splits"].iloc[0]
        made += [
            _tile(
                money(own.profit, case.currency),
                "expected profit of the plays, between "
                f"{money(own.profit_low, case.currency)} and {money(own.profit_high, case.currency)}",
            ),
            _tile(
                count(targets.contacts.sum()),
                f"contacts, of {count(targets.customers.sum())} customers in the {many}",
            ),
        ]
    else:
        made.append(_tile(count(targets.customers.sum()), f"customers in the {many}"))
        if case.valued:
            made.append(_tile(money(targets.value.sum(), case.currency), "value that they have brought"))
    part = targets.value_share if case.valued else targets.share
    made.append(_tile(share(part.sum()), f"of all {'value' if case.valued else 'customers'} in the {many}"))
    return [*made, _tile(str(len(case.rows)), _how_many(case))]


def _tile(number: str, text: str) -> dict[str, str]:
    return {"number": number, "text": text}


def _how_many(case: Case) -> str:
    if case.structure.rules:
        return f"segments, by rules: {case.structure.rules}"
    candidates = case.tables["candidates"]
    chosen = candidates[candidates.chosen].iloc[0]
    also = candidates[candidates.admissible & ~candidates.chosen & (candidates.method == chosen.method)].k
    return f"segments, by {chosen.method}" + (
        f"; {listed(map(str, also))} come back too" if len(also) else ""
    )


def why(case: Case) -> list[str]:
    """Say by what the segments were ranked, how sure that is, and what they were formed from."""
    terms = case.structure
    by = f"The ranking follows the weights for **{case.facts['objective']}**: {terms.weights}."
    if terms.strength_share:
        by += f" Own strength makes {share(terms.strength_share)} of the score: {terms.strengths}."
    if terms.unmeasured:
        by += f" Not measured in these data, and so without weight: {terms.unmeasured}."
    rules, from_what = terms.rules, terms.formed_from
    formed = f"by the rules of the {rules}, because no segments were found, " if rules else ""
    apart = f"Segments were formed {formed}from {from_what}. Everything else describes them and did not form them."
    return [by, _sureness(case), apart]


def _sureness(case: Case) -> str:
    """Say in how many draws each segment is a target: those that are, and the nearest that is not."""
    sure = case.tables["sensitivity"]
    named = case.rows.set_index("segment")["name"]
    inside, outside = sure[sure.target], sure[~sure.target & sure.allowed].nlargest(1, "chance_target")
    if inside.empty:
        return f"With {int(sure.draws.iloc[0]):,} other weights no segment becomes a target either."
    said = [_chance(row, named[row.segment], first) for row, first in _first(pd.concat([inside, outside]))]
    return f"With {int(sure.draws.iloc[0]):,} other weights, and customers drawn anew, {listed(said)}."


def _first(rows: pd.DataFrame) -> list[tuple[object, bool]]:
    return [(row, place == 0) for place, row in enumerate(rows.itertuples())]


def _chance(row: object, name: str, first: bool) -> str:
    if first:
        return f"**{uncapitalised(name)}** is a target in **{share(row.chance_target)}**"
    return f"{uncapitalised(name)} in {share(row.chance_target)}"
