"""How segments are described: their profiles, names and portraits."""

from __future__ import annotations

import pandas as pd

from seglib.assess.naming import distances, names, phrases, portraits
from seglib.assess.naming import profiles as by_feature
from seglib.assess.naming.answers import middle_answer
from seglib.assess.naming.distances import Resampled
from seglib.assess.naming.leading import leading_features
from seglib.assess.segments import Segments
from seglib.vocabulary import says_yes


def profiles(segments: Segments, stands_out: float) -> pd.DataFrame:
    """Describe every segment against all customers, in words of the catalogue: the table `profiles`.

    Parameters
    ----------
    segments
        What is assessed.
    stands_out
        Distance from all customers, in standard deviations, that is worth showing.
    """
    catalogue = segments.shown
    features = segments.customers[catalogue.feature]
    table = by_feature.profiles(features, segments.of_each, catalogue, stands_out, segments.fewest)
    words = catalogue[["feature", "label", "unit", "segmentation"]]
    table = table.merge(words, on="feature", how="left")
    known = catalogue.set_index("feature")
    table = _with_answers(table, segments)
    table["words"] = [phrases.phrase(row, known) for row in table.itertuples()]
    plain = [
        pd.isna(row.answer) or says_yes(row.answer, known.level[row.feature] == "binary")
        for row in table.itertuples()
    ]
    table["label"] = table.label.where(plain, table.label + ": " + table.answer.fillna(""))
    return table


def _with_answers(table: pd.DataFrame, segments: Segments) -> pd.DataFrame:
    """Give the answer that is typical of ordered answers: the one of the customer in the middle."""
    for side in ("typical", "overall"):
        table[f"{side}_answer"] = pd.Series(pd.NA, table.index, dtype="string")
    for feature, answers in segments.ordered.items():
        rows = table.index[(table.feature == feature) & table.answer.isna() & (table.known > 0)]
        values = segments.customers[feature] if len(rows) else pd.Series(dtype=float)
        of_all = middle_answer(values, answers)
        for row in rows:
            own = values[segments.of_each == table.segment[row]]
            table.loc[row, ["typical_answer", "overall_answer"]] = [middle_answer(own, answers), of_all]
    return table


def resampled(segments: Segments, profiles: pd.DataFrame, seed: int) -> Resampled:
    """Measure the distances of a profile again on 100 bootstrap samples of customers."""
    wanted = distances.traits(profiles)
    return distances.resampled(segments.customers, segments.of_each, wanted, seed=seed)


def named(
    segments: Segments,
    profiles: pd.DataFrame,
    samples: Resampled,
    stability: pd.DataFrame,
    own: dict[str, str],
    before: dict[int, str] | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Name every segment by what sets it apart most, or as a rule or the params name it.

    Parameters
    ----------
    segments, profiles, samples
        What is assessed, and from `profiles` and `resampled`.
    stability
        One row per segment; a rule that formed it has given it a name.
    own
        Own names, by the generated one or parts of it.
    before
        Generated names of an earlier run, by segment; a segment keeps its name.

    Returns
    -------
    pandas.DataFrame
        One row per segment: the first columns of the table `portraits`, and shown (the name).
    list of str
        Keys of `own` that fit no segment, or more than one.
    """
    found = names.names(profiles, segments.shown, samples, stability, rules=segments.rules)
    return names.with_own(names.kept(found, before or {}), own)


def portrayed(
    segments: Segments, profiles: pd.DataFrame, samples: Resampled, valued: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Collect what a portrait of each segment, and of a customer near its centre, is made of.

    Parameters
    ----------
    segments, profiles, samples
        What is assessed, and from `profiles` and `resampled`.
    valued
        Whether it is known what customers bring.

    Returns
    -------
    pandas.DataFrame
        From `portraits.evidence`.
    pandas.DataFrame
        From `portraits.typical`.
    """
    listed = leading_features(profiles, segments.shown, samples, segments.rules)
    evidence = portraits.evidence(listed, segments.shown, valued)
    return evidence, portraits.typical(segments, profiles, listed)
