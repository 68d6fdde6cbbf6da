"""What forms the segments, and what comes out of the fit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from seglib import agreement, disclosure, estimators
from seglib.errors import ParamsError, listing
from seglib.partitions import by_size, crossing
from seglib.protected import WHY
from seglib.stability import Candidate, segment_table
from seglib.structure import gates, merges

#: Two features whose ranks correlate more than this say the same thing twice.
REDUNDANT = 0.95
#: The customers of rules that hold for too few to be shown.
OTHERS = "Others"


def _twin(features: pd.DataFrame, name: str, chosen: list[str]) -> str | None:
    """Find an already chosen numeric feature that says the same."""
    numeric = [c for c in chosen if pd.api.types.is_numeric_dtype(features[c])]
    if not numeric or not pd.api.types.is_numeric_dtype(features[name]):
        return None
    strength = features[numeric].rank().corrwith(features[name].rank()).abs()
    return str(strength.idxmax()) if strength.max() > REDUNDANT else None


def variables(
    features: pd.DataFrame, catalogue: pd.DataFrame, on: list[str], exclude: list[str],
    max_missing: float, form_on: Collection[str] = (),
) -> pd.DataFrame:  # fmt: skip
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


def scoring_model(preparation: Any, model: Any) -> Pipeline:
    """Join preparation and model, so that scoring prepares exactly as training did."""
    return Pipeline([("preparation", preparation), ("model", model)])


def margin(model: Any, rows: pd.DataFrame) -> np.ndarray:
    """Measure how clearly each customer belongs: 0 on the border, towards 1 in the middle.

    Returns
    -------
    numpy.ndarray
        Per row the difference of the two largest probabilities where the model has
        probabilities, or 1 − d₁ / d₂ for the distances from the nearest and second nearest
        segment; missing where the model has neither.
    """
    if hasattr(model, "predict_proba"):
        best = np.sort(model.predict_proba(rows), axis=1)
        return best[:, -1] - best[:, -2] if best.shape[1] > 1 else best[:, 0]
    if not hasattr(model, "transform"):
        return np.full(len(rows), np.nan)
    nearest = np.sort(model.transform(rows), axis=1)[:, :2]
    if nearest.shape[1] == 1:
        return np.ones(len(rows))
    return 1 - np.divide(nearest[:, 0], nearest[:, 1], out=np.ones(len(rows)), where=nearest[:, 1] > 0)


@dataclass(frozen=True)
class Segmentation:
    """Who belongs where, and how surely.

    Attributes
    ----------
    segments
        One row per customer: customer, segment (from 1, the largest first), margin (0 to 1).
    recovery
        One row per segment: segment, size, recovery (mean Jaccard), across, neighbour
        (segment), exchanged (share of its customers who go there in other samples), flags,
        name (given by a rule; missing where none gave it).
    model
        From features to segments; nothing where all customers are one.
    rules
        The rules that formed the segments because none were found; 'nothing' where there are
        no rules either and all customers are one; empty where a method formed them.
    joined
        Segments that held too few customers to be shown, and are part of another now.
    """

    segments: pd.DataFrame
    recovery: pd.DataFrame
    model: Any
    rules: str = ""
    joined: int = 0

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables by name."""
        return {"segments": self.segments, "recovery": self.recovery}


def formed(
    customers: pd.Series, prepared: pd.DataFrame, preparation: Any, fit: Candidate, own: pd.DataFrame,
    min_share: float, merge: bool, min_cell: int = 1,
) -> Segmentation:  # fmt: skip
    """Take the segments of the chosen candidate.

    Parameters
    ----------
    customers
        Who the rows are.
    prepared, preparation
        The rows, and the fitted transformer that they come from.
    fit
        The candidate.
    own
        Its rows in the table of stability.
    min_share
        Smallest share of customers.
    merge
        Whether segments that fail a gate are merged into their neighbours.
    min_cell
        Segments of fewer customers are merged in any case: they could not be shown.
    """
    few = own["size"].to_numpy() < min_cell
    into = _into(gates(own, min_share), own["size"], merge, min_cell)
    if merged := len(set(into)) < len(into):
        fit = fit.joined(into)
    model = estimators.Joined(fit.model, into.tolist()) if merged else fit.model
    segments = pd.DataFrame({
        "customer": customers.to_numpy(), "segment": by_size(fit.labels),
        "margin": np.round(margin(model, prepared), 9),
    })  # fmt: skip
    place = pd.Series(segments.segment.to_numpy(), index=fit.labels).groupby(level=0).first()
    table = segment_table("", 0, fit, None).assign(across=np.nan) if merged else own.reset_index(drop=True)
    table = table[table.part.isin(place.index)]
    flags = gates(table, min_share)
    recovery = pd.DataFrame({
        "segment": table.part.map(place), "size": table["size"], "recovery": table.recovery,
        "across": table.across, "neighbour": table.neighbour.map(place).astype("Int64"),
        "exchanged": table.exchanged, "flags": flags["flags"], "name": pd.Series(pd.NA, table.index, "string"),
    })  # fmt: skip
    recovery = recovery.sort_values("segment", ignore_index=True)
    return Segmentation(segments, recovery, scoring_model(preparation, model), joined=int(few.sum()))


def _into(flagged: pd.DataFrame, sizes: pd.Series, merge: bool, min_cell: int) -> np.ndarray:
    """Say which segment each part becomes."""
    few = sizes.to_numpy() < min_cell
    into = merges(flagged if merge else flagged.assign(flags=np.where(few, "too small", "")))
    while len(joint := np.bincount(into, weights=sizes)) > 1 and joint.min() < min_cell:
        into = np.unique(np.where(into == joint.argmin(), joint.argmax(), into), return_inverse=True)[1]
    return into


def least_share(min_share: float, min_cell: int, customers: int) -> float:
    """Give the smallest share of customers that a segment may have, so that it can be shown too.

    Examples
    --------
    >>> least_share(0.05, 10, 1000), least_share(0.05, 10, 100)
    (0.05, 0.1)
    """
    return max(min_share, min(1.0, min_cell / customers))


def ruled(
    customers: pd.Series, features: pd.DataFrame, by_rules: dict[str, pd.Series], seed: int, min_cell: int = 1
) -> Segmentation:
    """Divide customers by rules, because there are no segments to be found.

    Parameters
    ----------
    customers
        Who the rows are.
    features
        One row per customer.
    by_rules
        From `agreement.rules`.
    seed
        Of the samples on which the rules are learned again.
    min_cell
        Segments of fewer customers are put together as `OTHERS`: they could not be shown.
    """
    numbers, names, what = agreement.fallback(by_rules, len(customers))
    table = pd.DataFrame({"name": names, "size": np.bincount(numbers)[1:]}, index=range(1, len(names) + 1))
    table["recovery"] = agreement.rule_recovery(what, features, seed) if what in by_rules else 1.0
    few = disclosure.pooled(table["size"], min_cell)
    if few.all():
        few[:] = False  # too few customers in all: there is nobody to put them together with
    table["joint"] = table.name.mask(few, OTHERS)
    named = pd.Series(numbers).map(table.joint)
    numbers = by_size(named.to_numpy())
    segments = pd.DataFrame({"customer": customers.to_numpy(), "segment": numbers, "margin": 1.0})
    sums = table.assign(back=table.recovery * table["size"]).groupby("joint")[["size", "back"]].sum()
    sums = sums.loc[named.groupby(numbers).first()]
    recovery = pd.DataFrame({
        "segment": range(1, len(sums) + 1), "size": sums["size"].to_numpy(),
        "recovery": (sums.back / sums["size"]).to_numpy(),
        "across": np.nan, "neighbour": pd.array([pd.NA] * len(sums), "Int64"), "exchanged": 0.0, "flags": "",
        "name": pd.array(sums.index, "string"),
    })  # fmt: skip
    joined = int(few.sum()) if few.sum() > 1 else 0
    return Segmentation(segments, recovery, agreement.fitted_rules(what, features), what, joined)


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
                {"k": k, "source": source if before == k - 1 else -1, "part": part, "customers": n,
                 "whole": int(size), "recovery": float(fit.recovery[part])}
                for source, n in (seen.items() if len(seen) else [(-1, np.nan)])
            ]  # fmt: skip
    return pd.DataFrame(rows, columns=["k", "source", "part", "customers", "whole", "recovery"])


def summary(
    verdict: str, reason: str, candidates: pd.DataFrame, resamples: int, result: Segmentation,
    forming: list[str], labels: dict[str, str], left_out: str, beside: str, min_cell: int = 1,
) -> pd.DataFrame:  # fmt: skip
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
    names = [labels[name].lower() for name in variables]
    words = ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
    return pd.DataFrame([{
        "structure": verdict, "reason": reason, "method": result.rules or chosen.method,
        "k": len(result.recovery), "next_best": int(second.k.iloc[0]) if len(second) else 0,
        "resamples": resamples, "variables": variables, "formed_from": words, "left_out": left_out,
        "beside": "" if result.rules else beside, "rules": result.rules,
        "min_cell": min_cell,
    }])  # fmt: skip
