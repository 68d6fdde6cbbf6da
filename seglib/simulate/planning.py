"""How many customers a study needs, found out by simulation."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib import estimators
from seglib.collect.features.given import described
from seglib.segment.comparison import compare
from seglib.segment.reference_data import references
from seglib.segment.stability import Resampling
from seglib.segment.verdict import verdict
from seglib.simulate.generator import generate
from seglib.simulate.industry import Industry
from seglib.simulate.summary import summary

_MIN_SHARE = 0.02


def found(
    features: pd.DataFrame, *, most: int = 8, n_resamples: int = 20, sample: int = 500, seed: int = 0
) -> tuple[pd.Series, str]:
    """Segment customers as the third stage of a project does.

    Parameters
    ----------
    features
        One row per customer; numbers, and text for answers.
    most
        Segments at the most.
    n_resamples, sample
        Bootstrap samples, and customers in each at the most.
    seed
        Of all draws.

    Returns
    -------
    segments : pandas.Series
        The segment of each customer, from 0.
    structure : str
        One of `verdict.STRUCTURES`; where it is 'none' the segments mean nothing.
    """
    levels = {name: described(name, features[name], "given", None, "customers").level for name in features}
    prepared = estimators.preparation(estimators.plan(features, levels), _MIN_SHARE).fit_transform(features)
    plan = Resampling(n_resamples, sample, seed)
    methods = estimators.suitable("auto", estimators.measured(prepared))
    comparison = compare(methods, prepared, range(2, most + 1), plan, _MIN_SHARE)
    on_reference = references(comparison.chosen, comparison.fit, prepared, plan)
    labels = pd.Series(comparison.fit.labels, index=features.index)
    return labels, verdict(comparison.chosen, on_reference).word


def recovery(
    industry: Industry,
    sizes: Iterable[int],
    seeds: Iterable[int] = (0,),
    *,
    n_resamples: int = 20,
    sample: int = 500,
) -> pd.DataFrame:
    """Plant segments among so many customers, look for them, and compare.

    Parameters
    ----------
    industry
        The specification, perhaps made `milder`.
    sizes
        Numbers of customers to try.
    seeds
        Of the tables; each gives a row.
    n_resamples, sample
        Bootstrap samples per candidate, and customers in each at the most.

    Returns
    -------
    pandas.DataFrame
        One row per size and seed: customers, seed, structure, planted and found (numbers of
        segments), agreement (adjusted Rand index of Hubert and Arabie, 1985, with the truth).
    """
    rows = []
    for n in sizes:
        for seed in seeds:
            tables = generate(industry, n, seed)
            features = summary(industry, tables)
            forming = list(industry.forming) or list(features)
            segments, word = found(features[forming], n_resamples=n_resamples, sample=sample, seed=seed)
            truth = tables["truth"].set_index("customer_id").segment.reindex(segments.index)
            rows.append(
                {
                    "customers": n,
                    "seed": seed,
                    "structure": word,
                    "planted": len(industry.segments),
                    "found": segments.nunique(),
                    "agreement": adjusted_rand_score(truth, segments),
                }
            )
    return pd.DataFrame(rows)
