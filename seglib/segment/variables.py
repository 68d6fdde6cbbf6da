"""What forms the segments, how customers flow between their numbers, and how they came about."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from seglib import estimators
from seglib.errors import ParamsError, listing
from seglib.privacy import disclosure
from seglib.privacy.protected import WHY
from seglib.segment import agreement
from seglib.segment.partitions import crossing
from seglib.segment.segmentation import Segmentation
from seglib.segment.stability import Candidate
from seglib.segment.thresholds import REDUNDANT
from seglib.vocabulary import uncapitalised


def _twin(features: pd.DataFrame, name: str, chosen: list[str]) -> str | None:
    """Find an already chosen numeric feature that says the same."""
    numeric = [c for c in chosen if pd.api.types.is_numeric_dtype(features[c])]
    if not numeric or not pd.api.types.is_numeric_dtype(features[name]):
        return None
    strength = features[numeric].rank().corrwith(features[name].rank()).abs()
    return str(strength.idxmax()) if strength.max() > REDUNDANT else None


def variables(
    features: pd.DataFrame,
    catalogue: pd.DataFrame,
    on: list[str],
    exclude: list[str],
    max_missing: float,
    form_on: Collection[str] = (),
) -> pd.DataFrame:
    """Decide which features form the segments and which describe them.

    Parameters
    ----------
    features
        One row per customer.
    catalogue
        One row per feature; those that its column `protected` marks describe only.
    on
        Bases to segment on.
    exclude
        Features of these bases that only describe.
    max_missing
        Largest missing share (0 to 1) of a segmentation variable.
    form_on
        Protected features that may form segments all the same.

    Returns
    -------
    pandas.DataFrame
        One row per feature: feature, segmentation (True, or False for a descriptor), why.

    Raises
    ------
    ParamsError
        If no feature is left to form segments.
    """
    rows: list[tuple[str, bool, str]] = []
    for entry in catalogue.itertuples():
        chosen = [name for name, forms, _ in rows if forms]
        if entry.basis not in on:
            rows.append((entry.feature, False, f"{entry.basis.replace('_', ' ')} describes"))
        elif getattr(entry, "describes", False):
            rows.append((entry.feature, False, "only ever describes"))
        elif entry.feature in exclude:
            rows.append((entry.feature, False, "excluded in the params file"))
        elif getattr(entry, "protected", False) and entry.feature not in form_on:
            rows.append((entry.feature, False, WHY))
        elif entry.missing_share > max_missing:
            rows.append((entry.feature, False, f"missing for {entry.missing_share:.0%}"))
        elif twin := _twin(features, entry.feature, chosen):
            rows.append((entry.feature, False, f"says the same as {twin}"))
        else:
            rows.append((entry.feature, True, f"{entry.basis.replace('_', ' ')} forms"))
    made = pd.DataFrame(rows, columns=["feature", "segmentation", "why"])
    if not made.segmentation.any():
        raise ParamsError(
            f"segment.on: no feature of {listing(on)} can form segments "
            f"({'; '.join(f'{r.feature}: {r.why}' for r in made.itertuples() if r.feature)[:200]}); "
            "name another basis, raise segment.max_missing, or name protected attributes in privacy.form_on"
        )
    unknown = set(exclude) - set(made.feature)
    if unknown:
        raise ParamsError(
            f"segment.exclude names {listing(unknown)}; known features: {listing(made.feature, 40)}"
        )
    return made


def complete_enough(features: pd.DataFrame, variables: list[str], least: float = 0.5) -> pd.Series:
    """Tell which customers are known in at least the `least` share of the variables."""
    return features[variables].notna().mean(axis=1) >= least


def methods(asked: str | list[str], prepared: pd.DataFrame) -> list[str]:
    """List the methods that suit the prepared features.

    Raises
    ------
    ParamsError
        If a method was asked for that cannot take them.
    """
    try:
        return estimators.suitable(asked, estimators.measured(prepared))
    except ValueError as error:
        raise ParamsError(f"segment.methods: {error}") from None


def least_share(min_share: float, min_cell: int, customers: int) -> float:
    """Give the smallest share of customers that a segment may have, so that it can be shown too.

    Examples
    --------
    >>> least_share(0.05, 10, 1000), least_share(0.05, 10, 100)
    (0.05, 0.1)
    """
    return max(min_share, min(1.0, min_cell / customers))


def flow(fits: dict[tuple[str, int], Candidate], method: str, min_cell: int) -> pd.DataFrame:
    """Follow customers from each number of segments to the next.

    Parameters
    ----------
    fits
        From `stability.compare`.
    method
        Whose numbers of segments are followed.
    min_cell
        Streams of fewer customers are left out, and all others rounded, so that no difference
        gives them away (`disclosure.rounded`).

    Returns
    -------
    pandas.DataFrame
        One row per stream: k, source (part with one segment fewer; -1 at the first number),
        part, customers, whole (customers of the part), recovery (of the part). A part all of
        whose streams are left out has one row without customers.
    """
    ks = sorted(k for name, k in fits if name == method)
    rows = []
    for before, k in zip([None, *ks[:-1]], ks, strict=True):
        fit = fits[method, k]
        coarser = fits[method, before].labels if before == k - 1 else np.zeros(len(fit.labels), dtype=int)
        counts = pd.DataFrame(crossing(coarser, fit.labels))
        streams, whole = (disclosure.rounded(n, min_cell) for n in (counts, counts.sum()))
        for part, size in whole.dropna().items():
            seen = streams[part].dropna()
            rows += [
                {
                    "k": k,
                    "source": source if before == k - 1 else -1,
                    "part": part,
                    "customers": n,
                    "whole": int(size),
                    "recovery": float(fit.recovery[part]),
                }
                for source, n in (seen.items() if len(seen) else [(-1, np.nan)])
            ]
    return pd.DataFrame(rows, columns=["k", "source", "part", "customers", "whole", "recovery"])


def summary(
    verdict: str,
    reason: str,
    candidates: pd.DataFrame,
    resamples: int,
    result: Segmentation,
    forming: list[str],
    labels: dict[str, str],
    left_out: str,
    beside: str,
    min_cell: int = 1,
) -> pd.DataFrame:
    """Write the verdict and how the segments came about.

    Returns
    -------
    pandas.DataFrame
        One row: structure, reason, method (or rules), k, next_best (0 if there is none),
        resamples, variables, formed_from (in words), left_out, beside (the rules, in words),
        rules, min_cell (the fewest customers that a published cell may stand for).
    """
    chosen = candidates[candidates.chosen].iloc[0]
    second = candidates[candidates.next_best]
    variables = list(agreement.RULES[result.rules][1]) if result.rules in agreement.RULES else forming
    names = [uncapitalised(labels[name]) for name in variables]
    words = ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
    return pd.DataFrame(
        [
            {
                "structure": verdict,
                "reason": reason,
                "method": result.rules or chosen.method,
                "k": len(result.recovery),
                "next_best": int(second.k.iloc[0]) if len(second) else 0,
                "resamples": resamples,
                "variables": variables,
                "formed_from": words,
                "left_out": left_out,
                "beside": "" if result.rules else beside,
                "rules": result.rules,
                "min_cell": min_cell,
            }
        ]
    )
