"""What sets a segment apart, and the name that follows from it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.disclosure import coded, hidden

#: Parts of a name, if no more are needed to tell segments apart.
_WORDS = 2
_PLACES = ("larger group", "smaller group", "third group", "fourth group")
#: Answers that say that a feature is there, or is not.
YES, NO = {"yes", "true", "1", "1.0", "y"}, {"no", "false", "0", "0.0", "n"}


def _spread(values: pd.Series) -> float:
    spread = float(values.std(ddof=0))
    return spread if spread > 0 else 1.0


def _scaled(values: pd.Series) -> pd.Series:
    """Give values in standard deviations of all customers; skewed ones by rank.

    A mean over a few very large amounts says little of a segment, a mean rank does.
    """
    skewed = values.nunique() > 10 and abs(values.skew()) > 1
    basis = values.rank() if skewed else values
    return (basis - basis.mean()) / _spread(basis)


def _numeric_rows(name: str, values: pd.Series, groups: pd.Series, min_cell: int) -> list[dict[str, object]]:
    """Describe a number; a segment of which it is known of few is left empty, and one more with it."""
    scaled = _scaled(values)
    known = values.notna().groupby(groups).sum()
    out = hidden(known, min_cell)
    return [
        {"segment": segment, "feature": name, "answer": None, "known": int(known[segment]),
         "behind": 0 if out[segment] else int(known[segment]),
         "typical": values[rows].median() if values.nunique() > 10 else values[rows].mean(),
         "overall": values.median() if values.nunique() > 10 else values.mean(),
         "distance": scaled[rows].mean()}
        for segment, rows in groups.groupby(groups).groups.items()
    ]  # fmt: skip


def _level_rows(
    name: str, values: pd.Series, groups: pd.Series, two: bool, min_cell: int
) -> list[dict[str, object]]:
    """Describe the levels of a column; levels, and cells of them, that few customers hold are left out."""
    counts = pd.crosstab(groups, values.astype("string")).reindex(sorted(groups.unique()), fill_value=0)
    known, sums = counts.sum(axis=1), counts.sum()
    counts, behind = _two_levels(counts, known, min_cell) if len(sums) == 2 else _more_levels(counts, min_cell)
    rows = []
    for level in list(counts)[-1:] if two else list(counts):
        share = sums[level] / sums.sum()
        spread = float(np.sqrt(share * (1 - share))) or 1.0
        rows += [
            {"segment": segment, "feature": name, "answer": level, "known": int(known[segment]),
             "behind": int(behind.loc[segment, level]), "typical": n / max(known[segment], 1), "overall": share,
             "distance": (n / max(known[segment], 1) - share) / spread}
            for segment, n in counts[level].items()
        ]  # fmt: skip
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
    features: pd.DataFrame, segments: pd.Series, catalogue: pd.DataFrame, stands_out: float,
    min_cell: int = 1,
) -> pd.DataFrame:  # fmt: skip
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
        (customers), behind (the fewest customers that the cell stands for), typical and overall
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
    made = pd.DataFrame(rows).sort_values(["segment", "feature", "answer"], ignore_index=True)
    small = made.behind < min_cell
    numbers = ["typical", "overall", "distance"]
    made[numbers] = made[numbers].astype("float64").mask(small)
    made["answer"] = made.answer.astype("string")
    return made.assign(stands_out=made.distance.abs() >= stands_out)


def _inside(label: str) -> str:
    """Begin a label small inside a phrase, unless it begins with capitals."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def phrase(row: object, words: pd.DataFrame) -> str:
    """Say in plain words how a segment stands out by one feature.

    Parameters
    ----------
    row
        A row of `profiles`: feature, answer, distance.
    words
        The catalogue by feature: label, high, low.
    """
    entry = words.loc[row.feature]
    if pd.isna(row.answer):
        return str(entry.high if row.distance > 0 else entry.low)
    answer, label = str(row.answer), _inside(entry.label)
    if answer.casefold() in YES | NO:
        return label if (answer.casefold() in YES) == (row.distance > 0) else f"{label}: no"
    return f"{label}: {answer}" if row.distance > 0 else f"{label}: seldom {answer}"


def names(
    profiles: pd.DataFrame, catalogue: pd.DataFrame, given: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Name every segment by what sets it apart most.

    What sets a segment apart is far from all customers and, more so, beyond every other segment.
    Segmentation variables speak first and descriptors only where those leave two segments
    alike.

    Parameters
    ----------
    profiles
        From `profiles`.
    catalogue
        One row per feature, with label, high, low, level and segmentation (bool).
    given
        One row per segment, with the name that a rule gave it, or missing; such names stay.

    Returns
    -------
    pandas.DataFrame
        One row per segment: name (distinct), because (the features behind it).
    """
    if given is not None and given.name.notna().all():
        return given[["segment", "name"]].assign(because="the rule that formed it")
    words = catalogue.set_index("feature")
    listed = profiles.assign(alone=_alone(profiles), same=_same(profiles))
    listed = listed[listed.stands_out & listed.distance.notna()].copy()
    listed["answer"] = listed.answer.astype("string")
    listed["words"] = [phrase(row, words) for row in listed.itertuples()] if len(listed) else []
    listed["forms"] = words.segmentation.reindex(listed.feature).to_numpy() if len(listed) else []
    listed["weight"] = listed.distance.abs() + listed.alone / 3
    listed["length"] = listed.words.astype("string").str.len()
    listed = listed.sort_values(
        ["forms", "weight", "length", "feature"], ascending=[False, False, True, True]
    )
    made: dict[object, list[tuple[str, str]]] = {}
    for segment in sorted(profiles.segment.unique()):
        own = listed[listed.segment == segment].drop_duplicates("words").drop_duplicates("feature")
        own = own[~_repeated_answer(own) & ~own["same"].duplicated()]
        made[segment] = list(zip(own.words, own.feature, strict=True))
    return _distinct(made)


def _repeated_answer(own: pd.DataFrame) -> pd.Series:
    """Find phrases that give an answer which an earlier phrase has given, such as 'no internet'."""
    spoken = own.answer.notna() & ~own.answer.fillna("").str.casefold().isin(YES | NO)
    return spoken & own.answer.duplicated()


def _same(profiles: pd.DataFrame) -> pd.Series:
    """Give phrases that hold of the same customers, such as two columns saying no internet, one key."""
    square = profiles.set_index(["feature", "answer", "segment"]).distance.unstack().abs().round(2)
    keys = pd.Series([tuple(row) for row in square.fillna(-1).to_numpy()], index=square.index)
    index = pd.MultiIndex.from_frame(profiles[["feature", "answer"]])
    return pd.Series(keys.reindex(index).to_numpy(), index=profiles.index)


def _alone(profiles: pd.DataFrame) -> pd.Series:
    """Measure how far each segment is beyond all others in its own direction, feature by feature."""
    square = profiles.set_index(["feature", "answer", "segment"]).distance.unstack()
    beyond = {
        segment: np.where(
            square[segment] > 0,
            square[segment] - square.drop(columns=segment).max(axis=1).fillna(0),
            square.drop(columns=segment).min(axis=1).fillna(0) - square[segment],
        )
        for segment in square.columns
    }
    lone = pd.DataFrame(beyond, index=square.index).rename_axis(columns="segment").stack()
    index = pd.MultiIndex.from_frame(profiles[["feature", "answer", "segment"]])
    return pd.Series(lone.reindex(index).to_numpy(), index=profiles.index).clip(lower=0).fillna(0)


def _distinct(phrases: dict[object, list[tuple[str, str]]]) -> pd.DataFrame:
    """Use as few phrases as tell the segments apart, two at least and in order of distance."""
    length = dict.fromkeys(phrases, _WORDS)

    def name(segment: object) -> str:
        parts = [words for words, _ in phrases[segment][: length[segment]]]
        text = ", ".join(parts) or "average in everything"
        return text[:1].upper() + text[1:]

    for _ in range(20):
        found = {segment: name(segment) for segment in phrases}
        alike = [s for s in phrases if list(found.values()).count(found[s]) > 1]
        longer = [s for s in alike if length[s] < len(phrases[s])]
        if not longer:
            break
        for segment in longer:
            length[segment] += 1
    for shared in {found[s] for s in alike}:  # nothing tells them apart but their size, in words
        for at, segment in enumerate([s for s in alike if found[s] == shared]):
            found[segment] = f"{shared} ({_PLACES[at] if at < len(_PLACES) else f'group {at + 1}'})"
    because = {
        s: ", ".join(dict.fromkeys(f for _, f in phrases[s][: length[s]])) for s in phrases
    }  # fmt: skip
    return pd.DataFrame(
        {"segment": list(found), "name": list(found.values()), "because": [because[s] for s in found]}
    )
