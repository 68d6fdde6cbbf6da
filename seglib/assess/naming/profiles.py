"""What sets a segment apart from all customers, feature by feature."""

from __future__ import annotations

import numpy as np
import pandas as pd


def _spread(values: pd.Series) -> float:
    spread = float(values.std(ddof=0))
    return spread if spread > 0 else 1.0


#: The most levels of a column that are described: those that most customers hold.
_MOST_LEVELS = 30
#: Of a profile, before what stands out is marked.
_COLUMNS = [
    *("segment", "feature", "answer", "other", "known", "behind"),
    *("statistic", "typical", "overall", "distance"),
]


def scaled(values: pd.Series) -> pd.Series:
    """Scale values to standard deviations of all customers; skewed ones by rank.

    A mean over a few very large amounts says little of a segment, a mean rank does.
    """
    skewed = values.nunique() > 10 and abs(values.skew()) > 1
    basis = values.rank() if skewed else values
    return (basis - basis.mean()) / _spread(basis)


def _numeric_rows(name: str, values: pd.Series, groups: pd.Series) -> list[dict[str, object]]:
    """Describe a number by its median, or by its mean where there are few values."""
    distances, few = scaled(values), values.nunique() <= 10
    return [
        {
            "segment": segment,
            "feature": name,
            "known": len(own),
            "behind": len(own),
            "statistic": "mean" if few else "median",
            "typical": own.mean() if few else own.median(),
            "overall": values.mean() if few else values.median(),
            "distance": distances[rows].mean(),
        }
        for segment, rows in groups.groupby(groups).groups.items()
        for own in [values[rows].dropna()]
    ]


def _level_rows(
    name: str, values: pd.Series, groups: pd.Series, two: bool, fewest: int
) -> list[dict[str, object]]:
    """Describe the levels of a column by their shares: those that most customers hold, and enough."""
    counts = pd.crosstab(groups, values.astype("string")).reindex(sorted(groups.unique()), fill_value=0)
    known, sums = counts.sum(axis=1), counts.sum()
    levels = list(sums[sums >= fewest].nlargest(_MOST_LEVELS, keep="first").sort_index().index)
    if len(sums) == 2 and len(levels) < 2:
        return []
    other = str(counts.columns[0]) if two and len(sums) == 2 else None
    rows = []
    for level in levels[-1:] if two else levels:
        share = sums[level] / sums.sum()
        spread = float(np.sqrt(share * (1 - share))) or 1.0
        rows += [
            {
                "segment": segment,
                "feature": name,
                "answer": level,
                "other": other,
                "known": int(known[segment]),
                "behind": int(_behind(n, known[segment], len(sums) == 2)),
                "statistic": "share",
                "typical": n / max(known[segment], 1),
                "overall": share,
                "distance": (n / max(known[segment], 1) - share) / spread,
            }
            for segment, n in counts[level].items()
        ]
    return rows


def _behind(n: int, known: int, two: bool) -> int:
    """Count the fewest customers behind a share: who holds the level or, of two, who does not."""
    return min(n, known - n) or known if two else n or known


def profiles(
    features: pd.DataFrame, segments: pd.Series, catalogue: pd.DataFrame, stands_out: float, fewest: int = 1
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
    fewest
        Customers of whom a feature must be known for it to stand out; a level that fewer hold is
        left out, and all but the 30 that most customers hold.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature (and level, for nominal and binary ones), with the first
        columns of the table `profiles`; distances of skewed numbers are of their ranks.
    """
    groups = pd.Series(segments.to_numpy(), index=features.index)
    levels = catalogue.set_index("feature").level
    rows: list[dict[str, object]] = []
    for name in features.columns:
        values = features[name]
        if levels[name] in ("nominal", "binary"):
            rows += _level_rows(name, values, groups, two=levels[name] == "binary", fewest=fewest)
        else:
            rows += _numeric_rows(name, values, groups)
    table = pd.DataFrame(rows).reindex(columns=_COLUMNS)
    table = table.sort_values(["segment", "feature", "answer"], ignore_index=True)
    numbers = ["typical", "overall", "distance"]
    table[numbers] = table[numbers].astype("float64").mask(table.known == 0)
    table = table.astype({"answer": "string", "other": "string"})
    return table.assign(stands_out=(table.distance.abs() >= stands_out) & (table.known >= fewest))


def square(profiles: pd.DataFrame) -> pd.DataFrame:
    """Arrange distances: one row per feature and answer (empty for a number), one column per segment."""
    keyed = profiles.assign(answer=profiles.answer.astype("string").fillna(""))
    return keyed.set_index(["feature", "answer", "segment"]).distance.astype(float).unstack()


def places(profiles: pd.DataFrame, square: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the column of a square that each row of the profiles belongs to."""
    answers = profiles.answer.astype("string").fillna("")
    traits = pd.MultiIndex.from_arrays([profiles.feature, answers])
    return square.index.get_indexer(traits), square.columns.get_indexer(profiles.segment)
