"""Contrasts of segments: which features differ between them, and by how much."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from seglib.assess.segments import Segments
from seglib.assess.thresholds import ALPHA, SIZE_WORDS, SIZES, SMALL
from seglib.explore.patterns import corrected_v
from seglib.vocabulary import OTHER

#: Why a feature is not tested.
ONE_SEGMENT, CONSTANT = "one segment", "constant"
#: The test behind each measure.
TESTS = {"epsilon squared": "Kruskal–Wallis", "Cramér's V": "chi-squared"}
#: Answers that are distinguished at the most; the others are taken together.
_MOST_ANSWERS = 50
#: Random tables where counts are too few for the chi-squared distribution (Cochran, 1954).
_DRAWN_TABLES = 9999


def holm(p: pd.Series) -> pd.Series:
    """Adjust probabilities for their number, so that the family keeps its level (Holm, 1979).

    Parameters
    ----------
    p
        One per test; missing where there was none.

    Examples
    --------
    >>> holm(pd.Series([0.01, 0.04, None, 0.03, 0.005])).round(3).tolist()
    [0.03, 0.06, nan, 0.06, 0.02]
    """
    # statsmodels' multipletests gives the same and collects all garbage at every call, some 0.2 s per campaign.
    known = p.astype(float).dropna().sort_values(kind="stable")
    adjusted = (known * np.arange(len(known), 0, -1)).cummax().clip(upper=1.0)
    return adjusted.reindex(p.index)


def differences(segments: Segments) -> pd.DataFrame:
    """Test of every feature whether the segments differ in it, and measure by how much.

    Numbers by ranks (Kruskal and Wallis, 1952; ε² = H / (n − 1), Tomczak and Tomczak, 2014, after
    Kelley, 1935), answers by chi-squared (V with Bergsma's correction, 2013); the probabilities
    are adjusted over all features (Holm, 1979). Where counts are few, the probability is that among
    random tables with the same margins.

    What formed the segments differs by construction, also in segments of noise, so that no test of
    it is valid (Gao, Bien and Witten, 2022): it has no probability, and its effect alone decides.
    A segment in which a feature is known of fewer than `segments.fewest` customers is left out for that
    feature, and answers that fewer give are taken together.

    Returns
    -------
    pandas.DataFrame
        One row per feature, and per response to a campaign: the table `differences`.
    """
    customers, formed, fewest = segments.customers, set(segments.variables), segments.fewest
    rows = [
        {"feature": name, "formed": name in formed}
        | _tested(customers[name], segments.of_each, level, fewest)
        for name, level in segments.compared()
    ]
    columns = ["feature", "formed", "measure", "statistic", "p", "effect", "customers", "compared", "why"]
    table = pd.DataFrame(rows, columns=columns)
    table["p"] = table.p.astype(float).mask(table.formed.astype(bool))
    table["p_adjusted"], table["asked"] = holm(table.p), table.measure.map(SMALL).astype(float)
    significant = table.formed.astype(bool) | (table.p_adjusted < ALPHA)
    table["matters"] = significant & (table.effect.astype(float) >= table.asked)
    table["test"] = table.measure.map(TESTS)
    sizes = [size(e, m) for e, m in zip(table.effect, table.measure, strict=True)]
    table["size"] = pd.Series(sizes, table.index, dtype="string")
    test = ["test", "measure", "statistic", "p", "p_adjusted", "effect", "size", "asked", "matters"]
    return table[[*columns[:2], *test, *columns[-3:]]]


def size(effect: float, measure: str) -> str | None:
    """Name the size of an effect; none where there is no effect.

    Examples
    --------
    >>> size(0.004, "epsilon squared"), size(-0.4, "Cliff's delta"), size(0.5, "Cramér's V")
    ('negligible', 'medium', 'large')
    """
    return None if pd.isna(effect) else SIZE_WORDS[sum(abs(effect) >= least for least in SIZES[measure])]


def _answers(values: pd.Series, level: str) -> bool:
    """Check whether a feature holds answers rather than numbers."""
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return level in ("nominal", "binary") or not number


def _tested(values: pd.Series, groups: pd.Series, level: str, fewest: int) -> dict[str, object]:
    answers = _answers(values, level)
    known = values.notna() & groups.notna()
    sizes = groups[known].value_counts()
    compared = sizes.index[sizes >= max(fewest, 1)]
    known &= groups.isin(compared)
    values, groups = values[known], groups[known]
    found: dict[str, object] = {"measure": "Cramér's V" if answers else "epsilon squared"}
    found |= dict.fromkeys(("statistic", "p", "effect"), np.nan)
    found |= {"customers": len(values), "compared": len(compared), "why": ""}
    if len(compared) < 2:
        return found | {"why": ONE_SEGMENT}
    counts = counted(values, groups, fewest).to_numpy() if answers else None
    if values.nunique() < 2 or (counts is not None and counts.shape[1] < 2):
        return found | {"why": CONSTANT}
    return found | (_by_counts(counts) if counts is not None else _by_ranks(values, groups))


def _by_ranks(values: pd.Series, groups: pd.Series) -> dict[str, float]:
    numbers = values.to_numpy(dtype=float)
    codes, names = pd.factorize(groups)
    found = stats.kruskal(*(numbers[codes == code] for code in range(len(names))))
    return {"statistic": found.statistic, "p": found.pvalue, "effect": found.statistic / (len(numbers) - 1)}


def _by_counts(counts: np.ndarray) -> dict[str, float]:
    counts = counts[np.lexsort(counts.T)]  # drawn tables depend on the order of rows: that of their content
    found = stats.chi2_contingency(counts, correction=False)
    expected, p = found.expected_freq, found.pvalue
    if expected.min() < 1 or (expected < 5).mean() > 0.2:
        drawn = stats.MonteCarloMethod(_DRAWN_TABLES, batch=1000, rng=np.random.default_rng(0))
        p = stats.chi2_contingency(counts, correction=False, method=drawn).pvalue
    return {"statistic": found.statistic, "p": p, "effect": corrected_v(counts)}


def counted(values: pd.Series, groups: pd.Series, fewest: int = 1) -> pd.DataFrame:
    """Count answers by segment.

    Parameters
    ----------
    values, groups
        One entry per customer; customers with a missing one are not counted.
    fewest
        Answers that fewer customers give are taken together, as are all beyond the fifty most
        frequent.

    Returns
    -------
    pandas.DataFrame
        One row per segment, one column per answer, the most frequent first.

    Examples
    --------
    >>> towns = pd.Series(["Bath", "Bath", "York", "Ely"])
    >>> counted(towns, pd.Series([1, 2, 2, 2]), 2).to_dict("list")
    {'Bath': [1, 1], 'other': [0, 2]}
    """
    known = values.notna() & groups.notna()
    answers, groups = values[known].astype("string"), groups[known]
    often = answers.value_counts()
    kept = often.index[often >= fewest][:_MOST_ANSWERS]
    codes, segments = pd.factorize(groups, sort=True)
    positions = kept.get_indexer(answers)
    columns = [*map(str, kept), OTHER]
    cells = np.bincount(
        codes * len(columns) + positions % len(columns), minlength=len(segments) * len(columns)
    )
    made = pd.DataFrame(cells.reshape(len(segments), len(columns)), index=segments, columns=columns)
    return made if (positions < 0).any() else made.iloc[:, :-1]


def against_rest(segments: Segments) -> pd.DataFrame:
    """Measure how each segment differs from all other customers.

    A feature that is known of fewer than `segments.fewest` customers of the segment, or of the rest, has no
    effect; answers that fewer give are taken together.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature: segment, feature, measure, effect (Cliff's δ, 1993, from −1
        to 1: how much oftener a customer of the segment has the larger number than one of the
        rest; Cramér's V, 0 to 1), answer (the one that the segment gives most beyond the rest),
        asked (the smallest effect that is not none), known (customers of the segment).
    """
    groups, names = segments.of_each, segments.names
    rows = []
    for feature, level in segments.compared():
        values = segments.customers[feature]
        answers = _answers(values, level)
        effects = (
            _answers_apart(values, groups, segments.fewest) if answers else _numbers_apart(values, groups)
        )
        known = (values.notna() & groups.notna()).groupby(groups).sum().reindex(names)
        few = (known < segments.fewest) | (known.sum() - known < segments.fewest)
        measure = "Cramér's V" if answers else "Cliff's delta"
        effects = effects.reindex(names).mask(few)
        rows.append(effects.assign(feature=feature, known=known.astype(int), measure=measure))
    columns = ["segment", "feature", "measure", "effect", "answer", "asked", "known"]
    if not rows:
        return pd.DataFrame(columns=columns)
    table = pd.concat(rows).rename_axis("segment").reset_index()
    table["asked"] = table.measure.map(SMALL)
    return table.sort_values(["segment", "feature"], ignore_index=True)[columns]


def _numbers_apart(values: pd.Series, groups: pd.Series) -> pd.DataFrame:
    """Compute Cliff's delta of each segment, from sums of ranks."""
    known = values.notna() & groups.notna()
    ranks = pd.Series(stats.rankdata(values[known].to_numpy(dtype=float)), index=values.index[known])
    by = ranks.groupby(groups[known])
    n, sums = by.size().astype(float), by.sum()
    pairs = n * (n.sum() - n)
    effect = 2 * (sums - n * (n + 1) / 2) / pairs.where(pairs > 0) - 1
    return pd.DataFrame({"effect": effect, "answer": pd.Series(pd.NA, n.index, dtype="string")})


def _answers_apart(values: pd.Series, groups: pd.Series, fewest: int) -> pd.DataFrame:
    """Compute Cramér's V of each segment against the rest, and the answer that it gives most beyond it."""
    counts = counted(values, groups, fewest)
    effects, answers = {}, {}
    for segment in counts.index:
        own, rest = counts.loc[segment], counts.drop(index=segment).sum()
        there = (own + rest) > 0
        two = np.vstack([own[there], rest[there]])
        effects[segment] = corrected_v(two) if two.sum(axis=1).min() > 0 and two.shape[1] > 1 else np.nan
        beyond = own / max(own.sum(), 1) - rest / max(rest.sum(), 1)
        answers[segment] = beyond.idxmax() if np.isfinite(effects[segment]) else pd.NA
    return pd.DataFrame(
        {"effect": pd.Series(effects, dtype=float), "answer": pd.Series(answers, dtype="string")}
    )
