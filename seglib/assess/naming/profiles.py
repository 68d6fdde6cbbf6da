"""What sets a segment apart from all customers, feature by feature."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.privacy.disclosure import coded, hidden


def _spread(values: pd.Series) -> float:
    spread = float(values.std(ddof=0))
    return spread if spread > 0 else 1.0


#: Of a profile, before what stands out is marked.
_COLUMNS = ["segment", "feature", "answer", "other", "known", "behind", "typical", "overall", "distance"]


def scaled(values: pd.Series) -> pd.Series:
    """Give values in standard deviations of all customers; skewed ones by rank.

    A mean over a few very large amounts says little of a segment, a mean rank does.
    """
    skewed = values.nunique() > 10 and abs(values.skew()) > 1
    basis = values.rank() if skewed else values
    return (basis - basis.mean()) / _spread(basis)


def _numeric_rows(name: str, values: pd.Series, groups: pd.Series, min_cell: int) -> list[dict[str, object]]:
    """Describe a number; a segment of which it is known of few is left empty, and one more with it."""
    distances = scaled(values)
    known = values.notna().groupby(groups).sum()
    out = hidden(known, min_cell)
    return [
        {
            "segment": segment,
            "feature": name,
            "answer": None,
            "known": int(known[segment]),
            "behind": 0 if out[segment] else int(known[segment]),
            "typical": values[rows].median() if values.nunique() > 10 else values[rows].mean(),
            "overall": values.median() if values.nunique() > 10 else values.mean(),
            "distance": distances[rows].mean(),
        }
        for segment, rows in groups.groupby(groups).groups.items()
    ]


def _level_rows(
    name: str, values: pd.Series, groups: pd.Series, two: bool, min_cell: int
) -> list[dict[str, object]]:
    """Describe the levels of a column; levels, and cells of them, that few customers hold are left out."""
    counts = pd.crosstab(groups, values.astype("string")).reindex(sorted(groups.unique()), fill_value=0)
    known, sums = counts.sum(axis=1), counts.sum()
    counts, behind = (
        _two_levels(counts, known, min_cell) if len(sums) == 2 else _more_levels(counts, min_cell)
    )
    rows = []
    other = str(counts.columns[0]) if two and len(counts.columns) == 2 else None
    for level in list(counts)[-1:] if two else list(counts):
        share = sums[level] / sums.sum()
        spread = float(np.sqrt(share * (1 - share))) or 1.0
        rows += [
            {
                "segment": segment,
                "feature": name,
                "answer": level,
                "known": int(known[segment]),
                "behind": int(behind.loc[segment, level]),
                "other": other,
                "typical": n / max(known[segment], 1),
                "overall": share,
                "distance": (n / max(known[segment], 1) - share) / spread,
            }
            for segment, n in counts[level].items()
        ]
    return rows


def _two_levels(counts: pd.DataFrame, known: pd.Series, min_cell: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the counts of two levels off their ends, and tell how many customers are behind each."""
    if counts.sum().min() < min_cell:
        return counts.iloc[:, :0], counts.iloc[:, :0]
    last = counts.columns[-1]
    yes = coded(counts[last], known, min_cell)
    made = pd.DataFrame({counts.columns[0]: known - yes, last: yes})
    fewest = made.where(made > 0).min(axis=1).mask(hidden(known, min_cell)).fillna(0)
    return made, pd.DataFrame(dict.fromkeys(counts.columns, fewest))


def _more_levels(counts: pd.DataFrame, min_cell: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out the levels that few customers hold, and tell how many are behind each cell of the others."""
    rare = hidden(counts.sum(), min_cell).to_numpy()
    kept = counts.loc[:, ~rare]
    square = np.column_stack([kept, counts.loc[:, rare].sum(axis=1)])  # the rest follows from what is shown
    out = hidden(pd.DataFrame(square), min_cell).to_numpy()[:, :-1]
    fewest = np.where(kept > 0, kept, counts.sum(axis=1).to_numpy()[:, None])
    return kept, pd.DataFrame(np.where(out, 0, fewest), index=kept.index, columns=kept.columns)


def profiles(
    features: pd.DataFrame,
    segments: pd.Series,
    catalogue: pd.DataFrame,
    stands_out: float,
    min_cell: int = 1,
) -> pd.DataFrame:
    """Describe every segment against all customers.

    Parameters
    ----------
    features
        One row per customer, without `customer`.
    segments
        The segment of each, in the same order.
    catalogue
        One row per feature, with its level.
    stands_out
        Distance from all customers, in standard deviations, that is worth showing.
    min_cell
        A cell of fewer customers is left empty, and so is what would give it away; a level that
        fewer hold is left out. A share of two answers is kept off its ends by so many customers.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature (and level, for nominal and binary ones): known
        (customers), behind (the fewest customers that the cell stands for), other (the answer of the
        rest, where there are two), typical and overall
        (median; mean of few values; share of a level), distance (in standard deviations of all
        customers; of ranks where skewed), stands_out.
    """
    groups = pd.Series(segments.to_numpy(), index=features.index)
    levels = catalogue.set_index("feature").level
    rows: list[dict[str, object]] = []
    for name in features.columns:
        values = features[name]
        if levels[name] in ("nominal", "binary"):
            rows += _level_rows(name, values, groups, two=levels[name] == "binary", min_cell=min_cell)
        else:
            rows += _numeric_rows(name, values, groups, min_cell)
    made = (
        pd.DataFrame(rows)
        .reindex(columns=_COLUMNS)
        .sort_values(["segment", "feature", "answer"], ignore_index=True)
    )
    small = made.behind < min_cell
    numbers = ["typical", "overall", "distance"]
    made[numbers] = made[numbers].astype("float64").mask(small)
    made = made.astype({"answer": "string", "other": "string"})
    return made.assign(stands_out=made.distance.abs() >= stands_out)


def square(profiles: pd.DataFrame) -> pd.DataFrame:
    """Set distances out: one row per feature and answer (empty for a number), one column per segment."""
    keyed = profiles.assign(answer=profiles.answer.astype("string").fillna(""))
    return keyed.set_index(["feature", "answer", "segment"]).distance.astype(float).unstack()


def places(profiles: pd.DataFrame, square: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give the row and the column of a square that each row of the profiles stands for."""
    answers = profiles.answer.astype("string").fillna("")
    traits = pd.MultiIndex.from_arrays([profiles.feature, answers])
    return square.index.get_indexer(traits), square.columns.get_indexer(profiles.segment)
