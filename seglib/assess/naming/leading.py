"""Which features describe a segment, and how often each of them leads in bootstrap samples."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.assess.naming.distances import Resampled, beyond
from seglib.assess.naming.phrases import holds_true, phrased
from seglib.assess.naming.profiles import places, square
from seglib.assess.naming.rules import in_rule
from seglib.assess.thresholds import ALONE, LEADING, SAME, STEADY
from seglib.vocabulary import says_no, says_yes

#: Answers that say nothing of who gives them.
_SAYS_NOTHING = frozenset({"other", "others", "unknown", "n/a"})


def leading_features(
    profiles: pd.DataFrame,
    catalogue: pd.DataFrame,
    again: Resampled | None = None,
    rules: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """List the features that describe each segment, what leads first.

    What the division is made of comes first: features of the rule that comes closest to a segment, where
    it holds both of most of the segment and of few others. Listed is only what stands out and is true
    (`phrases.holds_true`); of features that say the same, by a correlation above 0.9 or by the same words,
    only the first is listed. Segmentation variables come before descriptors, and before the others those
    that lead in most samples.

    Parameters
    ----------
    profiles
        From `profiles.profiles`.
    catalogue
        One row per feature, with label, level, high, low and segmentation (bool).
    again
        From `distances.resampled`; without it everything counts as leading always.
    rules
        The table `segment_rules`, if there is one.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature: segment, feature, answer, words, forms (whether it formed
        the segments), sign, weight, leads (share of samples in which it is among the `LEADING` of its
        kind, in the same direction), statistic, typical and overall (of
        those of whom the words are true), known and everyone (customers of whom the feature is known,
        in the segment and in all), trait (its place in `profiles.square`).
    """
    distances = square(profiles)
    listed = _candidates(profiles, catalogue, distances, rules)
    same = _same(distances) if again is None else _correlated(again, distances.index)
    kept = [_first_of_each(own, same) for _, own in listed.groupby("segment", sort=True)]
    made = pd.concat([listed.head(0), *kept]) if kept else listed
    made = made.assign(leads=1.0 if again is None else _leads(made, again))
    made = made.assign(steady=made.leads >= STEADY)
    order = ["segment", "forms", "rule", "steady", "weight", "length", "words", "feature"]
    ascending = [True, False, False, False, False, True, True, True]
    return made.sort_values(order, ascending=ascending, ignore_index=True).drop(columns="length")


def _candidates(
    profiles: pd.DataFrame, catalogue: pd.DataFrame, distances: pd.DataFrame, rules: pd.DataFrame | None
) -> pd.DataFrame:
    """List all that is true and says something, by weight."""
    words = catalogue.set_index("feature")
    own = profiles[profiles.stands_out & holds_true(profiles) & ~_says_nothing(profiles, words.level)].copy()
    own["trait"], column = places(own, distances)
    own["weight"] = weights(distances.to_numpy().T)[column, own.trait].round(6)
    texts = [phrased(row, words) for row in own.itertuples()]
    own["words"] = pd.Series([text for text, _ in texts], own.index, dtype="string")
    rest = np.array([of_rest for _, of_rest in texts], dtype=bool)
    own["everyone"] = own.feature.map(_known_of_all(profiles))
    whole = np.where(own.answer.isna() & own.feature.map(words.label).str.endswith("(%)"), 100.0, 1.0)
    for number in ("typical", "overall"):
        own[number] = np.where(rest, whole - own[number].astype(float), own[number].astype(float))
    own["length"], own["sign"] = own.words.str.len(), np.sign(own.distance.astype(float))
    own["forms"] = words.segmentation.reindex(own.feature).to_numpy(dtype=bool)
    own["plain"] = [pd.isna(r.answer) or _plain(r.answer, words.level[r.feature]) for r in own.itertuples()]
    own["rule"] = in_rule(own, rules) & own.forms
    for side in ("typical_answer", "overall_answer"):
        own[side] = own.get(side, pd.Series(pd.NA, own.index, dtype="string"))
    columns = [
        *("segment", "feature", "answer", "words", "forms", "rule", "sign", "weight", "length", "plain"),
        *("distance", "statistic", "typical", "overall", "known", "everyone", "trait"),
        *("typical_answer", "overall_answer"),
    ]
    by = ["segment", "forms", "rule", "weight", "plain", "length", "words", "feature"]
    return own[columns].sort_values(by, ascending=[True, False, False, False, False, True, True, True])


def _plain(answer: str, level: str) -> bool:
    """Check whether an answer is a yes or a no, which many features share without saying the same."""
    two = level == "binary"
    return says_yes(answer, two) or says_no(answer, two)


def _known_of_all(profiles: pd.DataFrame) -> pd.Series:
    """Count the customers of whom each feature is known, over all segments."""
    return profiles.drop_duplicates(["segment", "feature"]).groupby("feature").known.sum()


def _says_nothing(profiles: pd.DataFrame, levels: pd.Series) -> pd.Series:
    """Find answers that say nothing, and the lack of a no among several answers, which is no yes."""
    answers = profiles.answer.astype("string").fillna("").str.casefold()
    no = (profiles.feature.map(levels) != "binary") & answers.map(lambda answer: says_no(answer, False))
    return answers.isin(_SAYS_NOTHING) | (no & (profiles.distance < 0))


def weights(distances: np.ndarray) -> np.ndarray:
    """Weigh traits: the distance from all customers, and a third of that beyond every other segment.

    Parameters
    ----------
    distances
        One segment per row of the last axis but one, one column per trait.
    """
    return np.nan_to_num(np.abs(distances)) + beyond(distances) * ALONE


def _correlated(again: Resampled, traits: pd.MultiIndex) -> np.ndarray:
    """Find which traits say the same; those by which nothing stands out are not asked for."""
    made, order = np.zeros((len(traits), len(traits)), dtype=bool), traits.get_indexer(again.traits)
    made[np.ix_(order, order)] = np.abs(again.correlations) > SAME
    return made


def _same(distances: pd.DataFrame) -> np.ndarray:
    """Find which traits hold of the same segments equally, where customers are not at hand."""
    rounded = distances.abs().round(2).fillna(-1).to_numpy()
    return (rounded[:, None] == rounded[None]).all(axis=2)


def _bands(one: str, other: str) -> bool:
    """Check whether one feature is made of the other, as bands of the age are."""
    return one.startswith(f"{other}_") or other.startswith(f"{one}_")


def _first_of_each(own: pd.DataFrame, same: np.ndarray) -> pd.DataFrame:
    """Keep the first of those that say the same: a feature, its words, its answer, or one that goes with it."""
    kept: list[int] = []
    features: set[str] = set()
    words: set[str] = set()
    answers: set[str | None] = set()
    traits: list[int] = []
    for at, row in enumerate(own.itertuples()):
        answer = None if row.plain else str(row.answer).casefold()
        if row.feature in features or row.words.casefold() in words or answer in answers - {None}:
            continue
        if any(same[row.trait, t] for t in traits) or any(_bands(row.feature, f) for f in features):
            continue
        kept.append(at)
        features.add(row.feature)
        words.add(row.words.casefold())
        answers.add(answer)
        traits.append(row.trait)
    return own.iloc[kept].drop(columns="plain")


def _leads(listed: pd.DataFrame, again: Resampled) -> np.ndarray:
    """Compute the share of samples in which each leads in its direction."""
    made = np.zeros(len(listed))
    for positions in listed.reset_index(drop=True).groupby(["segment", "forms"]).indices.values():
        own = listed.iloc[positions]
        leads = ranked(own, again, LEADING) | (ranked(own, again, len(own)) & own.rule.to_numpy(bool))
        made[positions] = leads.mean(axis=0)
    return made


def ranked(own: pd.DataFrame, again: Resampled, places: int) -> np.ndarray:
    """Find in which samples each trait of a segment is among the first, in its direction.

    Parameters
    ----------
    own
        Rows of `leading_features` of one segment.
    again
        The bootstrap samples.
    places
        How many are first.

    Returns
    -------
    numpy.ndarray
        One row per sample, one column per row of `own`.
    """
    traits = again.traits.get_indexer(pd.MultiIndex.from_frame(own[["feature", "answer"]].fillna("")))
    segment = again.segments.get_loc(own.segment.iloc[0])
    distances = again.distances[..., traits]
    weighed = np.round(weights(distances)[:, segment], 5)
    before = (weighed[:, None, :] > weighed[:, :, None]).sum(axis=2)
    return (before < places) & (distances[:, segment] * own.sign.to_numpy() > 0)
