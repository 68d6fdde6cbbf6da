"""Tables of page 04 on who the segments are, shaped for a reader."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.scorecard import ORDER
from seglib.report.context import Context
from seglib.report.profiles import everyone, figures_of, published
from seglib.report.readings.assess import measured


def portraits_names(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape the names of segments; the features behind them by label."""
    labelled = [
        ", ".join(terms.feature(name) for name in because.split(", ")) for because in table.because.fillna("")
    ]
    return table.assign(because=pd.Series(labelled, table.index).replace("", None))


def portraits(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape the portraits: an own name with the generated one behind it."""
    both = table.given_name + " (" + table["name"].astype("string") + ")"
    shown = both.fillna(table["name"].astype("string")).astype(object)
    return table.assign(shown=shown, typical=table.typical.replace("", None))


def profiles_besides(profiles: pd.DataFrame, terms: Context, most: int = 30) -> pd.DataFrame:
    """Shape the descriptors that stand out: this segment beside all customers."""
    shown = profiles.assign(
        everyone=everyone(profiles), distance=published(profiles, terms.min_cell).distance
    )
    shown = shown[~shown.segmentation & shown.stands_out]
    shown = shown.loc[profiles.distance.abs()[shown.index].sort_values(ascending=False).index].head(most)
    shown = shown.sort_values("segment", kind="stable")
    pairs = [figures_of(r, terms) for r in shown.itertuples()]
    return shown.assign(here=[here for here, _ in pairs], everywhere=[everywhere for _, everywhere in pairs])


def protected(table: pd.DataFrame, terms: Context) -> pd.DataFrame | None:
    """Show what protected attributes say of each segment, unless the params are strict."""
    return None if terms.strict else table


def scorecard(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape the scorecard: one row per segment, one column per criterion."""
    cells = table.assign(cell=[_judged(r, terms) for r in table.itertuples()])
    square = cells.pivot(index=["segment", "customers"], columns="criterion", values="cell")
    return square[[c for c in ORDER if c in square]].rename_axis(columns=None).reset_index()


def scorecard_warnings(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape the criteria that warn, as the others."""
    return scorecard(table, terms)


def _judged(row: Any, terms: Context) -> str:
    """Judge one criterion, with what was measured."""
    if pd.isna(row.measured):
        return "fails (not measured)" if not row.passed else "not measured"
    verdict = "passes" if row.passed else "fails" if row.knock_out else "warns"
    return f"{verdict} ({measured(row, terms)})"


def scorecard_requirements(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """List the criteria once each, with what each requires and what follows if it is not met."""
    rows = table.sort_values("measured", na_position="last").drop_duplicates("criterion")
    rows = rows.set_index("criterion").reindex([c for c in ORDER if c in set(table.criterion)]).reset_index()
    return rows.assign(consequence=rows.knock_out.map({True: "removed from targeting", False: "warning"}))


def differences(table: pd.DataFrame, terms: Context, most: int = 30) -> pd.DataFrame:
    """Shape the tests of difference: what formed the segments first, then the largest effect first."""
    shown = table.assign(strength=strength(table), label=table.feature.map(terms.feature))
    shown["probability"] = [_tested(r) for r in shown.itertuples()]
    return shown.sort_values(["formed", "strength", "label"], ascending=[False, False, True]).head(most)


def strength(table: pd.DataFrame) -> pd.Series:
    """Put effects on one scale: the root of a share of variance is comparable with a V."""
    return table.effect.where(table.measure != "epsilon squared", table.effect.clip(lower=0) ** 0.5)


_UNTESTED = {"one segment": "known in fewer than two segments", "constant": "does not vary"}


def _tested(row: Any) -> str:
    if row.why:
        return f"not tested: {_UNTESTED.get(row.why, row.why)}"
    if row.formed:
        return "not tested: formed them"
    return "under 0.001" if row.p_adjusted < 0.001 else f"{row.p_adjusted:.3f}"
