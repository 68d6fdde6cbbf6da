"""Audiences of a movement: customers who moved, entered, became at risk or recovered since the run before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from seglib.errors import ParamsError, listing, nearest

#: What the tables of movements call what the params name.
_AT_RISK = {"became at risk": "became", "recovered": "recovered"}


def of_movements(
    members: pd.DataFrame,
    moved: pd.DataFrame | None,
    settings: Mapping[str, Any],
    names: Mapping[int, str],
) -> pd.DataFrame:
    """Take out of the audiences of plays that are for a movement who did not make it.

    Parameters
    ----------
    members
        From `members`.
    moved
        The table `movements` against the run before: customer, source, destination, movement, at_risk; none if this
        is the first run.
    settings
        The section `implement` as plain values: movements, by play.
    names
        Names of segments, of this run and of earlier ones, by number.

    Returns
    -------
    pandas.DataFrame
        As the members: step (movement where it took a customer out, else empty) and reason (a code).

    Raises
    ------
    ParamsError
        If a movement names a segment or a play that there is not.
    """
    table = members.assign(step="", reason="")
    for play, wanted in settings["movements"].items():
        if play not in {*members.play, *settings.get("library", ())}:
            raise ParamsError(
                f"implement.movements names '{play}', which is no play; plays here: "
                f"{listing(sorted(set(members.play)))}.{nearest(play, set(members.play))}"
            )
        ends = {side: _segment(wanted[side], names, play, side) for side in ("before", "now")}
        own = table.play == play
        if moved is None:
            table.loc[own, ["step", "reason"]] = ["movement", "first run"]
            continue
        made = moved.customer[_made(moved, wanted["what"], ends)]
        table.loc[own & ~table.customer.isin(made), ["step", "reason"]] = ["movement", "other movement"]
    return table


def _made(moved: pd.DataFrame, what: str, ends: Mapping[str, int | None]) -> pd.Series:
    """Tell which customers made a movement."""
    made = moved.at_risk == _AT_RISK[what] if what in _AT_RISK else moved.movement == what
    for side, column in (("before", "source"), ("now", "destination")):
        if ends[side] is not None:
            made &= moved[column] == ends[side]
    return made.fillna(False).astype(bool)


def _segment(wanted: str | None, names: Mapping[int, str], play: str, side: str) -> int | None:
    if wanted is None:
        return None
    numbers = {str(number): number for number in names} | {name: number for number, name in names.items()}
    if wanted not in numbers:
        raise ParamsError(
            f"implement.movements.{play}.{side} names '{wanted}', which is no segment; allowed: "
            f"{listing(names.values(), 20)}, or their numbers.{nearest(wanted, names.values())}"
        )
    return numbers[wanted]
