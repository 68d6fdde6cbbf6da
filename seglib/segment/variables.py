"""Segmentation variables and descriptors: which features form segments, which only describe them, and why."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from seglib import estimators
from seglib.errors import ParamsError, listing
from seglib.segment.thresholds import KNOWN, REDUNDANT


def variables(
    features: pd.DataFrame,
    catalogue: pd.DataFrame,
    on: list[str],
    exclude: list[str],
    max_missing: float,
    form_on: Collection[str] = (),
) -> pd.DataFrame:
    """Decide which features are segmentation variables and which are descriptors.

    Parameters
    ----------
    features
        One row per customer.
    catalogue
        One row per feature; those that its column `protected` marks are descriptors.
    on
        Bases to segment on.
    exclude
        Features of these bases that are descriptors.
    max_missing
        Largest missing share (0 to 1) of a segmentation variable.
    form_on
        Protected features that may form segments all the same.

    Returns
    -------
    pandas.DataFrame
        The table `variables`, one row per feature.

    Raises
    ------
    ParamsError
        If no feature is left to form segments.
    """
    rows: list[dict[str, object]] = []
    for entry in catalogue.to_dict("records"):
        name, twin, missing = entry["feature"], None, entry["missing_share"]
        why = "" if entry["basis"] in on else "other basis"
        if not why and entry.get("describes", False):
            why = "never forms segments"
        elif not why and name in exclude:
            why = "excluded in the params file"
        elif not why and entry.get("protected", False) and name not in form_on:
            why = "protected attribute"
        elif not why and missing > max_missing:
            why = "missing"
        elif not why and (
            twin := _twin(features, name, [str(r["feature"]) for r in rows if r["segmentation"]])
        ):
            why = "redundant"
        row = {"feature": name, "segmentation": not why, "basis": entry["basis"], "why": why}
        rows.append(row | {"missing": missing, "customers": len(features), "twin": twin})
    table = pd.DataFrame(rows).astype({"twin": "object"})
    if not table.segmentation.any():
        reasons = "; ".join(f"{r['feature']}: {r['why']}" for r in rows)
        raise ParamsError(
            f"segment.on: no feature of {listing(on)} can form segments ({reasons[:200]}); "
            "name another basis, raise segment.max_missing, or name protected attributes in privacy.form_on"
        )
    unknown = set(exclude) - set(table.feature)
    if unknown:
        raise ParamsError(
            f"segment.exclude names {listing(unknown)}; known features: {listing(table.feature, 40)}"
        )
    return table


def _twin(features: pd.DataFrame, name: str, chosen: list[str]) -> str | None:
    """Return the segmentation variable with which a feature is redundant."""
    numeric = [c for c in chosen if pd.api.types.is_numeric_dtype(features[c])]
    if not numeric or not pd.api.types.is_numeric_dtype(features[name]):
        return None
    strength = features[numeric].rank().corrwith(features[name].rank()).abs()
    return str(strength.idxmax()) if strength.max() > REDUNDANT else None


def complete_enough(features: pd.DataFrame, variables: list[str], least: float = KNOWN) -> pd.Series:
    """Mark the customers of whom at least the `least` share of the variables is known."""
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
