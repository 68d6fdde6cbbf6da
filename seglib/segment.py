"""What forms the segments, and what comes out of the fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from seglib import estimators
from seglib.errors import ParamsError, listing

#: The columns that RFM rules score.
RFM = ("recency", "order_count", "net_value")
#: Two features whose ranks correlate more than this say the same thing twice.
REDUNDANT = 0.95


def _twin(features: pd.DataFrame, name: str, chosen: list[str]) -> str | None:
    """Find an already chosen numeric feature that says the same."""
    numeric = [c for c in chosen if pd.api.types.is_numeric_dtype(features[c])]
    if not numeric or not pd.api.types.is_numeric_dtype(features[name]):
        return None
    strength = features[numeric].rank().corrwith(features[name].rank()).abs()
    return str(strength.idxmax()) if strength.max() > REDUNDANT else None


def variables(
    features: pd.DataFrame, catalogue: pd.DataFrame, on: list[str], exclude: list[str],
    max_missing: float,
) -> pd.DataFrame:  # fmt: skip
    """Decide which features form the segments and which describe them.

    Parameters
    ----------
    features
        One row per customer.
    catalogue
        One row per feature.
    on
        Bases to segment on.
    exclude
        Features of these bases that only describe.
    max_missing
        Largest missing share (0 to 1) of a segmentation variable.

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
        elif entry.feature in exclude:
            rows.append((entry.feature, False, "excluded in the params file"))
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
            "name another basis, or raise segment.max_missing"
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
    numbers = prepared.select_dtypes("number")
    only_binary = numbers.isin((0.0, 1.0)).all(axis=None) and len(numbers.columns) == len(prepared.columns)
    try:
        return estimators.suitable(asked, len(numbers.columns) < len(prepared.columns), bool(only_binary))
    except ValueError as error:
        raise ParamsError(f"segment.methods: {error}") from None


def assigned(customers: pd.Series, segments: np.ndarray, margin: np.ndarray) -> pd.DataFrame:
    """Write down who belongs where: one row per customer with segment and margin (0 to 1)."""
    return pd.DataFrame(
        {"customer": customers.to_numpy(), "segment": segments, "margin": np.round(margin, 9)}
    )


def scoring_model(preparation: object, model: object) -> Pipeline:
    """Join preparation and model, so that scoring prepares exactly as training did."""
    return Pipeline([("preparation", preparation), ("model", model)])


def rfm_baseline(features: pd.DataFrame) -> pd.Series | None:
    """Name each customer's segment by the published RFM rules; nothing without transactions."""
    if not set(RFM) <= set(features.columns):
        return None
    return pd.Series(estimators.RFMSegments().fit(features[list(RFM)]).labels_, name="rfm")


def agreement_table(agreement: float, shares: pd.DataFrame) -> pd.DataFrame:
    """Write a comparison with the rules as rows: segment, rfm, share, agreement (ARI)."""
    long = shares.rename_axis(index="segment", columns="rfm").stack().rename("share").reset_index()
    return long.assign(agreement=agreement)


def summary(
    structure: str, reason: str, chosen: pd.Series, resamples: int, variables: list[str],
    formed_from: str, left_out: str, rfm_says: str,
) -> pd.DataFrame:  # fmt: skip
    """Write the verdict and how it came about: one row."""
    return pd.DataFrame([{
        "structure": structure, "reason": reason, "method": chosen.method, "k": int(chosen.k),
        "resamples": resamples, "variables": variables, "formed_from": formed_from,
        "left_out": left_out, "rfm_says": rfm_says,
    }])  # fmt: skip
