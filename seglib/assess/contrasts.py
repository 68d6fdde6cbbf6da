"""Contrasts of segments: which features differ between them, and by how much."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from scipy import stats

from seglib.assess.thresholds import ALPHA, SIZES, SMALL
from seglib.explore.patterns import corrected_v
from seglib.vocabulary import OTHER

#: The sizes in words.
WORDS = ("trifling", "small", "medium", "large")
#: The test behind each measure.
TESTS = {"epsilon squared": "Kruskal–Wallis", "Cramér's V": "chi-squared"}
#: Answers that are told apart at the most; the others are taken together.
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


def with_responses(catalogue: pd.DataFrame, answered: pd.DataFrame) -> pd.DataFrame:
    """List the responses to past campaigns beside the features of a catalogue, to be compared alike.

    Parameters
    ----------
    catalogue
        One row per feature: feature, level, label.
    answered
        From `contacts.answered`: customer, and a column per campaign.
    """
    names = [c for c in answered.columns if c != "customer"]
    labels = [f"{name[:1].upper()}{name[1:]}" for name in names]
    rows = pd.DataFrame({"feature": names, "level": "binary", "label": labels}, dtype="object")
    return pd.concat([catalogue[["feature", "level", "label"]].astype("object"), rows], ignore_index=True)


def contrasts(
    features: pd.DataFrame,
    segments: pd.Series,
    catalogue: pd.DataFrame,
    min_cell: int = 1,
    formed: Collection[str] = (),
) -> pd.DataFrame:
    """Test of every feature whether the segments differ in it, and measure by how much.

    Numbers by ranks (Kruskal and Wallis, 1952; ε² = H / (n − 1), Tomczak and Tomczak, 2014, after
    Kelley, 1935), answers by chi-squared (V with Bergsma's correction, 2013); the probabilities
    are adjusted over all features (Holm, 1979). Where counts are few, the probability is that among
    random tables with the same margins.

    Parameters
    ----------
    features
        One row per customer.
    segments
        The segment of each, in the same order.
    catalogue
        One row per feature, with its level; others are not looked at.
    min_cell
        A segment of which a feature is known of fewer customers is left out for that feature, and
        answers that fewer give are taken together.
    formed
        Features that formed the segments. These differ by construction, also in segments of
        noise, so that no test of them is valid (Gao, Bien and Witten, 2022): they have no
        probability, and their effect alone decides.

    Returns
    -------
    pandas.DataFrame
        One row per feature, in the order of the catalogue: feature, formed (bool), test, measure
        (epsilon squared; Cramér's V), statistic, p, p_adjusted, effect (0 to 1), size (of `WORDS`),
        asked (the smallest effect that matters), matters (effect large enough and p_adjusted
        below 5 %), customers and compared (customers and segments in the test), why (there is none;
        empty otherwise).
    """
    groups = pd.Series(segments.to_numpy(), index=features.index)
    rows = [
        {"feature": name, "formed": name in formed, **_tested(features[name], groups, level, min_cell)}
        for name, level in zip(catalogue.feature, catalogue.level, strict=True)
    ]
    columns = ["feature", "formed", "measure", "statistic", "p", "effect", "customers", "compared", "why"]
    made = pd.DataFrame(rows, columns=columns)
    made["p"] = made.p.astype(float).mask(made.formed.astype(bool))
    made["p_adjusted"], made["asked"] = holm(made.p), made.measure.map(SMALL).astype(float)
    surely = made.formed.astype(bool) | (made.p_adjusted < ALPHA)
    made["matters"] = surely & (made.effect.astype(float) >= made.asked)
    made["test"] = made.measure.map(TESTS)
    made["size"] = [size(e, m) for e, m in zip(made.effect, made.measure, strict=True)]
    return made[
        [
            "feature",
            "formed",
            "test",
            "measure",
            "statistic",
            "p",
            "p_adjusted",
            "effect",
            "size",
            "asked",
            "matters",
            "customers",
            "compared",
            "why",
        ]
    ].astype({"size": "string"})


def size(effect: float, measure: str) -> str | None:
    """Say in a word how large an effect is; nothing where there is none.

    Examples
    --------
    >>> size(0.004, "epsilon squared"), size(-0.4, "Cliff's delta"), size(0.5, "Cramér's V")
    ('trifling', 'medium', 'large')
    """
    return None if pd.isna(effect) else WORDS[sum(abs(effect) >= least for least in SIZES[measure])]


def _answers(values: pd.Series, level: str) -> bool:
    """Tell whether a feature is answers rather than numbers."""
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return level in ("nominal", "binary") or not number


def _tested(values: pd.Series, groups: pd.Series, level: str, min_cell: int) -> dict[str, object]:
    answers = _answers(values, level)
    known = values.notna() & groups.notna()
    sizes = groups[known].value_counts()
    compared = sizes.index[sizes >= max(min_cell, 1)]
    known &= groups.isin(compared)
    values, groups = values[known], groups[known]
    made = {
        "measure": "Cramér's V" if answers else "epsilon squared",
        "statistic": np.nan,
        "p": np.nan,
        "effect": np.nan,
        "customers": len(values),
        "compared": len(compared),
        "why": "",
    }
    if len(compared) < 2:
        return made | {"why": "known in fewer than two segments"}
    counts = counted(values, groups, min_cell).to_numpy() if answers else None
    if values.nunique() < 2 or (counts is not None and counts.shape[1] < 2):
        return made | {"why": "does not vary"}
    return made | (_by_counts(counts) if counts is not None else _by_ranks(values, groups))


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


def counted(values: pd.Series, groups: pd.Series, min_cell: int = 1) -> pd.DataFrame:
    """Count answers by segment.

    Parameters
    ----------
    values, groups
        One entry per customer; customers with a missing one are not counted.
    min_cell
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
    kept = often.index[often >= min_cell][:_MOST_ANSWERS]
    codes, segments = pd.factorize(groups, sort=True)
    positions = kept.get_indexer(answers)
    columns = [*map(str, kept), OTHER]
    cells = np.bincount(
        codes * len(columns) + positions % len(columns), minlength=len(segments) * len(columns)
    )
    made = pd.DataFrame(cells.reshape(len(segments), len(columns)), index=segments, columns=columns)
    return made if (positions < 0).any() else made.iloc[:, :-1]


def against_rest(
    features: pd.DataFrame, segments: pd.Series, catalogue: pd.DataFrame, min_cell: int = 1
) -> pd.DataFrame:
    """Measure how each segment differs from all other customers.

    Parameters
    ----------
    features, segments, catalogue
        As `contrasts` takes them.
    min_cell
        A feature that is known of fewer customers of the segment, or of the rest, has no effect;
        answers that fewer give are taken together.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature: segment, feature, measure, effect (Cliff's δ, 1993, from −1
        to 1: how much oftener a customer of the segment has the larger number than one of the
        rest; Cramér's V, 0 to 1), answer (the one that the segment gives most beyond the rest),
        asked (the smallest effect that is not none), known (customers of the segment).
    """
    groups = pd.Series(segments.to_numpy(), index=features.index)
    names = sorted(groups.dropna().unique())
    rows = []
    for feature, level in zip(catalogue.feature, catalogue.level, strict=True):
        values = features[feature]
        answers = _answers(values, level)
        found = _answers_apart(values, groups, min_cell) if answers else _numbers_apart(values, groups)
        found = found.reindex(names)
        known = (values.notna() & groups.notna()).groupby(groups).sum().reindex(names)
        few = (known < min_cell) | (known.sum() - known < min_cell)
        found = found.mask(few)
        rows.append(
            found.assign(
                feature=feature, known=known.astype(int), measure="Cramér's V" if answers else "Cliff's delta"
            )
        )
    columns = ["segment", "feature", "measure", "effect", "answer", "asked", "known"]
    if not rows:
        return pd.DataFrame(columns=columns)
    made = pd.concat(rows).rename_axis("segment").reset_index()
    made["asked"] = made.measure.map(SMALL)
    return made.sort_values(["segment", "feature"], ignore_index=True)[columns]


def _numbers_apart(values: pd.Series, groups: pd.Series) -> pd.DataFrame:
    """Give Cliff's delta of each segment, from sums of ranks."""
    known = values.notna() & groups.notna()
    ranks = pd.Series(stats.rankdata(values[known].to_numpy(dtype=float)), index=values.index[known])
    by = ranks.groupby(groups[known])
    n, sums = by.size().astype(float), by.sum()
    pairs = n * (n.sum() - n)
    effect = 2 * (sums - n * (n + 1) / 2) / pairs.where(pairs > 0) - 1
    return pd.DataFrame({"effect": effect, "answer": pd.Series(pd.NA, n.index, dtype="string")})


def _answers_apart(values: pd.Series, groups: pd.Series, min_cell: int) -> pd.DataFrame:
    """Give Cramér's V of each segment against the rest, and the answer that it gives most beyond it."""
    counts = counted(values, groups, min_cell)
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
