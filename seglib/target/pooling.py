"""The response to a play in every segment: what it assumes, weighed against what campaigns measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from seglib.errors import DataError
from seglib.statistics import Z90

#: Between-segment standard deviations of the response that are weighed, as multiples of the prior's.
_SPREADS = np.array([0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0])


def posterior(rows: pd.DataFrame, effects: pd.DataFrame, segments: list[Any]) -> pd.DataFrame:
    """Weigh what a play assumes against what campaigns measured: mean, sd, held_out, learned_from by segment."""
    first = rows.iloc[0]
    empty = pd.DataFrame(
        {"mean": np.nan, "sd": np.nan, "held_out": np.nan, "learned_from": ""}, index=segments
    )
    if pd.isna(first.response):
        return empty
    prior, prior_sd = float(first.response), float((first.response_high - first.response_low) / (2 * Z90))
    own = (
        [first.play] if "play" in first and (effects.campaign == first.play).any() else []
    )  # run by the project, under its name
    measured = _measured(effects, [*first.campaigns, *own], first.of == "customers", prior_sd)
    pooled = measured.reindex(segments)
    mean, sd = pooled_effects(pooled.effect.to_numpy(float), pooled.sd.to_numpy(float), prior, prior_sd)
    names = pooled.campaigns.where(pooled.campaigns.notna(), "")
    return pd.DataFrame(
        {"mean": mean, "sd": sd, "held_out": pooled.held_out, "learned_from": names}, index=segments
    )


def _measured(effects: pd.DataFrame, like: list[str], comparable: bool, prior_sd: float) -> pd.DataFrame:
    """Pool the effects on responses by segment: effect, sd, held_out, campaigns.

    Of campaigns that were not like the play, the variance grows by that of the prior; a response that is
    a share of only some of those contacted learns from like campaigns alone.
    """
    single = effects.campaign.notna() & effects.segment.notna()  # rows without put several together
    own = effects[single & (effects.outcome == "response")]
    own = own[own.campaign.isin(like)] if like else own if comparable else own.head(0)
    adjusted = own.adjusted_sd.notna() & own.adjusted.notna()
    effect = own.adjusted.where(adjusted, own.effect).astype("float64")
    sd = own.adjusted_sd.where(adjusted, own.effect_sd).astype("float64")
    held = own["mean_holdout"] if "mean_holdout" in own else pd.Series(np.nan, index=own.index)
    rows = pd.DataFrame(
        {
            "segment": own.segment,
            "campaign": own.campaign.astype("object"),
            "effect": effect,
            "sd": sd,
            "held": held,
        }
    )
    rows = rows[rows.effect.notna() & (rows.sd > 0)]
    pooled = []
    for segment, part in rows.groupby("segment"):
        weight = 1 / part.sd**2
        off = float(weight.sum() ** -0.5)
        pooled.append(
            {
                "segment": segment,
                "effect": float((weight * part.effect).sum() / weight.sum()),
                "sd": off if like else float(np.hypot(off, prior_sd)),
                "held_out": float(part.held.astype("float64").mean()),
                "campaigns": "; ".join(sorted(map(str, part.campaign))),
            }
        )
    return pd.DataFrame(pooled, columns=["segment", "effect", "sd", "held_out", "campaigns"]).set_index(
        "segment"
    )


def pooled_effects(
    effect: np.ndarray, sd: np.ndarray, prior_mean: float, prior_sd: float
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the response of every segment from all of them: each learns from the others as far as they agree.

    The segments' responses scatter around a common one, about which the prior speaks (Gelman and others,
    Bayesian Data Analysis, 2013, section 5.4); how widely is weighed over a grid, with a half-normal prior
    of the prior's own scale.

    Parameters
    ----------
    effect, sd
        As measured in each segment; missing where it was not.
    prior_mean, prior_sd
        Of the common response, as the play assumes it; the sd is above zero.

    Returns
    -------
    mean, sd
        Of each segment, measured or not.

    Raises
    ------
    DataError
        If the prior's standard deviation is not above zero: nothing is known for certain.

    Examples
    --------
    >>> mean, sd = pooled_effects(np.array([0.04, np.nan]), np.array([0.001, np.nan]), 0.02, 0.01)
    >>> mean.round(3).tolist(), bool(sd[0] < sd[1])
    ([0.04, 0.035], True)
    """
    if not prior_sd > 0:
        raise DataError("A play's response has no range from low to high; set how far it can be off.")
    seen = np.isfinite(effect) & np.isfinite(sd)
    if not seen.any():
        return np.full(len(effect), prior_mean), np.full(len(effect), prior_sd)
    means, variances, weights = [], [], []
    for spread in _SPREADS * prior_sd:
        at = _given_spread(
            np.where(seen, effect, 0.0), np.where(seen, sd, np.inf), (prior_mean, prior_sd), spread
        )
        means.append(at[0])
        variances.append(at[1])
        weights.append(at[2] - 0.5 * (spread / prior_sd) ** 2)
    weight = np.exp(np.array(weights) - max(weights))
    weight /= weight.sum()
    mean = weight @ np.array(means)
    variance = weight @ (np.array(variances) + (np.array(means) - mean) ** 2)
    return mean, np.sqrt(variance)


def _given_spread(
    effect: np.ndarray, sd: np.ndarray, prior: tuple[float, float], spread: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return mean and variance of each response if they scatter so widely, and the logarithm of the evidence."""
    seen = np.isfinite(sd)
    total = sd**2 + spread**2
    precision = np.where(seen, 1 / np.where(seen, total, 1.0), 0.0)
    common_var = 1 / (1 / prior[1] ** 2 + precision.sum())
    common = common_var * (prior[0] / prior[1] ** 2 + (precision * effect).sum())
    pull = (
        np.where(seen, spread**2 / np.where(seen, total, 1.0), 0.0) if spread > 0 else np.zeros(len(effect))
    )
    mean = common + pull * (effect - common)
    variance = (1 - pull) ** 2 * common_var + pull * np.where(seen, sd, 0.0) ** 2 + (1 - seen) * spread**2
    own = effect[seen] - prior[0]
    covariance = np.diag(total[seen]) + prior[1] ** 2
    evidence = stats.multivariate_normal.logpdf(own, np.zeros(len(own)), covariance)
    return mean, variance, float(evidence)
