"""The scorecard and the tests of difference, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.assess.scorecard import AS_NUMBERS
from seglib.report.words import share

#: The words that a criterion is judged by, and their colours.
TONES = {"passes": "good", "warns": "fair", "fails": "bad"}


def scorecard(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape the scorecard, the longer side down: criteria by segments, or segments by criteria.

    A cell says whether the criterion is passed, fails (and knocks out) or warns, and what was measured.
    """
    order = list(dict.fromkeys(table.criterion))
    cells = table.assign(cell=[_judged(r) for r in table.itertuples()])
    square = cells.pivot(index="criterion", columns="segment", values="cell").loc[order]
    rules = (
        table.sort_values("measured", na_position="last").drop_duplicates("criterion").set_index("criterion")
    )
    asked = [rules.rule[c] + (" (or is removed)" if rules.knock_out[c] else "") for c in order]
    square.columns = [names[s] for s in square.columns]
    if len(square.columns) <= len(order):
        square.insert(0, "asked", asked)
        return square.rename_axis("criterion").rename_axis(columns=None).reset_index()
    heads = {c: f"{c}: {rule}" for c, rule in zip(order, asked, strict=True)}
    return square.T.rename(columns=heads).rename_axis("segment").rename_axis(columns=None).reset_index()


def _judged(row: object) -> str:
    """Say of one criterion whether it holds, and what was measured."""
    if pd.isna(row.measured):
        return "fails (not measured)" if not row.passed else "not measured"
    measured = f"{row.measured:.0f}" if row.criterion in AS_NUMBERS else share(row.measured)
    return f"{'passes' if row.passed else 'fails' if row.knock_out else 'warns'} ({measured})"


def scored(shaped: pd.DataFrame, customers: pd.Series) -> pd.DataFrame:
    """Count the customers behind each cell of a shaped scorecard.

    Parameters
    ----------
    shaped
        From `scorecard`.
    customers
        By the name of the segment.
    """
    if shaped.columns[0] == "segment":
        n = customers.reindex(shaped.segment).to_numpy()
        return pd.DataFrame(dict.fromkeys(shaped.columns[1:], n), index=shaped.index)
    return pd.DataFrame({name: customers[name] for name in shaped.columns[2:]}, index=shaped.index)


def totals(shaped: pd.DataFrame) -> tuple[str, ...]:
    """Name the sums that a reader of a shaped scorecard may know: of all segments, beside or below each other."""
    return ("columns",) if shaped.columns[0] == "segment" else ("rows",)


def differences(table: pd.DataFrame, labels: pd.Series, most: int = 30) -> pd.DataFrame:
    """Shape the tests of difference: what formed the segments first, then the others, the largest effect first."""
    made = table.assign(feature=table.feature.map(labels), strength=strength(table))
    made["p"] = [_tested(r) for r in made.itertuples()]
    made = made.sort_values(["formed", "strength", "feature"], ascending=[False, False, True]).head(most)
    return made[["feature", "test", "p", "effect", "size", "matters"]]


def strength(table: pd.DataFrame) -> pd.Series:
    """Put effects on one scale: the root of a share of variance lies beside a V as a correlation does."""
    return table.effect.where(table.measure != "epsilon squared", table.effect.clip(lower=0) ** 0.5)


def _tested(row: object) -> str:
    if row.why:
        return f"not tested: {row.why}"
    if row.formed:
        return "not tested: formed them"
    return "under 0.001" if row.p_adjusted < 0.001 else f"{row.p_adjusted:.3f}"
