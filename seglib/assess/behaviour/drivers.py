"""Drivers of churn: which features are associated with being at risk, and whether that is known at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

from seglib.assess.behaviour.before import Window
from seglib.assess.naming.profiles import scaled
from seglib.assess.thresholds import (
    FEWEST,
    LEAST_AUC,
    MOST_INFLATION,
    MOST_MISSING,
    PER_COLUMN,
    RARE,
    SIGNIFICANT,
    TOO_GOOD,
)

#: Customers used at most, evenly spaced.
SAMPLE = 50_000
_FOLDS = 5
#: Why drivers are not known: no risk is, nothing is known of an earlier day, hardly any customer is at risk or hardly
#: any is not, no feature is left, too few customers for so many columns, and a regression that does not discriminate.
REASONS = ("no risk", "no earlier", "few", "no features", "many columns", "auc")
COLUMNS = (
    "feature",
    "answer",
    "against",
    "odds_ratio",
    "low",
    "high",
    "p",
    "significant",
    "words",
    "behind",
    "auc",
    "auc_p",
    "customers",
    "at_risk",
)


@dataclass(frozen=True)
class Drivers:
    """What goes with being at risk.

    Attributes
    ----------
    table
        The table `drivers`: one row per feature, or answer, the strongest first; none where nothing was fitted.
    reason
        Why drivers are not known, of `REASONS`; empty where they are.
    columns
        Of the regression: features and answers.
    left_out
        Features that follow from the others.
    split
        The day before which they were known; none where they are of today.
    """

    table: pd.DataFrame
    reason: str = ""
    columns: int = 0
    left_out: tuple[str, ...] = field(default=())
    split: dt.date | None = None


def over_time(window: Window, seed: int = 0) -> Drivers:
    """Regress being at risk at the end of a window on what was known at its beginning, as `drivers` does."""
    if window.reason:
        return _none(window.reason)
    found = drivers(window.features, window.at_risk, window.catalogue, seed)
    return replace(found, split=window.split)


def drivers(features: pd.DataFrame, at_risk: pd.Series, catalogue: pd.DataFrame, seed: int = 0) -> Drivers:
    """Regress being at risk on what is known of customers (logistic regression).

    All columns are standardised; skewed numbers by rank. An answer is compared with that of the
    lowest risk. Each coefficient carries a weak prior, log-F(1, 1) (Greenland and Mansournia,
    2015), so that an answer that no customer at risk gave keeps a finite odds ratio.

    Parameters
    ----------
    features
        One row per customer.
    at_risk
        Whether each is at risk, in the same order; missing where it is not known.
    catalogue
        One row per feature that may explain (`churn.candidates`).
    seed
        Of the folds that the area under the curve is measured on.
    """
    known = at_risk.notna().to_numpy()
    if not known.any():
        return _none("no risk")
    step = max(1, int(known.sum()) // SAMPLE)
    rows, risky = features[known].iloc[::step], at_risk[known].iloc[::step].to_numpy(bool)
    fewest = int(min(risky.sum(), (~risky).sum()))
    if fewest < FEWEST:
        return _none("few")
    columns, entries = _columns(rows, risky, catalogue)
    columns, left_out = independent(columns, entries.index[entries.answer.isna()])
    if columns.empty:
        return _none("no features")
    if fewest < PER_COLUMN * columns.shape[1]:
        return _none("many columns", columns.shape[1])
    with threadpool_limits(1):  # small products: threads would only wait for each other
        auc, auc_p = discrimination(columns.to_numpy(), risky, seed)
        table = _table(columns, risky, entries.loc[columns.columns])
    table = table.assign(auc=auc, auc_p=auc_p, customers=len(risky), at_risk=int(risky.sum()))
    reason = "" if discriminates(table) else "auc"
    names = tuple(dict.fromkeys(entries.feature[c] for c in left_out))
    return Drivers(table[list(COLUMNS)], reason, columns.shape[1], names)


def discriminates(table: pd.DataFrame) -> bool:
    """Check whether the regression discriminates well enough on unseen customers to report drivers."""
    return bool(len(table)) and bool(table.auc.iloc[0] >= LEAST_AUC and table.auc_p.iloc[0] < SIGNIFICANT)


def leaking(table: pd.DataFrame) -> bool:
    """Check whether the regression discriminates so well that some feature may follow from the risk itself."""
    return bool(len(table)) and bool(table.auc.iloc[0] >= TOO_GOOD)


def _none(reason: str, columns: int = 0) -> Drivers:
    return Drivers(pd.DataFrame(columns=list(COLUMNS)), reason, columns)


def _columns(
    rows: pd.DataFrame, risky: np.ndarray, catalogue: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the columns of the regression, and a frame that says of each what it is."""
    values_of: dict[str, np.ndarray] = {}
    entries: list[dict[str, object]] = []
    seen: set[bytes] = set()
    for entry in catalogue.itertuples():
        values = rows[entry.feature]
        if values.isna().mean() > MOST_MISSING or values.nunique() < 2:
            continue
        about = {"feature": entry.feature, "answer": None, "against": None, "more": None, "less": None}
        if entry.level not in ("nominal", "binary") and pd.api.types.is_numeric_dtype(values):
            values_of[entry.feature] = scaled(values.astype(float)).fillna(0.0).to_numpy()
            words = {"more": entry.high, "less": entry.low, "behind": len(values)}
            entries.append(about | words | {"column": entry.feature})
            continue
        answers = _answers(values, risky, seen)
        for answer, (column, behind) in list(answers.items())[1:]:
            name = f"{entry.feature}={answer}"
            values_of[name] = column
            compared = {"answer": answer, "against": next(iter(answers)), "behind": behind}
            entries.append(about | compared | {"column": name})
    names = ["column", "feature", "answer", "against", "more", "less", "behind"]
    frame = pd.DataFrame(values_of, index=rows.index).astype(float)
    frame = frame.loc[:, frame.std(ddof=0) > 0]
    about_columns = pd.DataFrame(entries, columns=names).set_index("column")
    return (frame - frame.mean()) / frame.std(ddof=0), about_columns


def _answers(values: pd.Series, risky: np.ndarray, seen: set[bytes]) -> dict[str, tuple[np.ndarray, int]]:
    """Return the answers that enough customers give, that of the lowest risk first, and who gives them.

    With each go the fewest customers that its odds stand on. An answer that says the same of every
    customer as one of an earlier feature is left out, as 'no internet' is of each service that
    needs it. Customers who did not answer count as average.
    """
    text, known = values.astype("string"), values.notna().to_numpy()
    rates = {}
    for answer in sorted(text.dropna().unique()):
        own = (text == answer).fillna(False).to_numpy(bool)
        cells = np.array([own.sum(), (own & risky).sum(), (own & ~risky).sum()])
        key = np.packbits(own).tobytes()
        if cells[0] >= max(FEWEST, RARE * len(own)) and key not in seen:
            column = np.where(known, own, own[known].mean())
            rates[answer] = (cells[1] / cells[0], column, int(cells[cells > 0].min()))
            seen.add(key)
    order = sorted(rates, key=lambda answer: (rates[answer][0], answer))
    return {answer: rates[answer][1:] for answer in order}


def independent(columns: pd.DataFrame, numbers: Collection[str] = ()) -> tuple[pd.DataFrame, list[str]]:
    """Leave out columns that follow from the others, one by one, the most inflated first.

    Parameters
    ----------
    columns
        One column per number or answer.
    numbers
        Columns that go before others do: a bill follows from what was bought, not the reverse.

    Returns
    -------
    pandas.DataFrame
        The columns that are left, of a variance inflation up to `MOST_INFLATION`.
    list of str
        Those that were left out.

    Examples
    --------
    >>> a, b = [1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]
    >>> independent(pd.DataFrame({"bill": [2.0, 0.0, 0.0, -2.0], "a": a, "b": b}), ["bill"])[1]
    ['bill']
    """
    left_out: list[str] = []
    kept = columns
    while kept.shape[1] > 1:
        correlations = np.corrcoef(kept.to_numpy().T) + 1e-9 * np.eye(kept.shape[1])
        inflation = pd.Series(np.diag(np.linalg.inv(correlations)), index=kept.columns)
        high = inflation[inflation > MOST_INFLATION]
        if high.empty:
            break
        high = high[high.index.isin(list(numbers))] if high.index.isin(list(numbers)).any() else high
        left_out.append(str(high.index[high >= high.max() * (1 - 1e-3)][-1]))
        kept = kept.drop(columns=left_out[-1])
    return kept, left_out


def _fitted(x: np.ndarray, risky: np.ndarray) -> Any:
    """Fit a logistic regression, with a weak prior worth one pseudo-observation per column."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    n = x.shape[1]
    design = np.block([[np.ones((len(x), 1)), x], [np.zeros((n, 1)), np.eye(n)]])
    return GLM(np.concatenate([risky.astype(float), np.full(n, 0.5)]), design, family=Binomial()).fit()


def discrimination(x: np.ndarray, risky: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Measure how well the regression discriminates on customers whom it has not seen.

    Parameters
    ----------
    x
        One row per customer, standardised.
    risky
        Whether each is at risk.
    seed
        Of the folds.

    Returns
    -------
    float
        The area under the curve over five folds, each with the share at risk of all: how often
        a customer at risk has a higher predicted risk than one who is not.
    float
        Its p-value against guessing (Mann and Whitney, 1947).
    """
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    predicted = np.empty(len(x))
    for learn, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(x, risky):
        intercept, *slopes = _fitted(x[learn], risky[learn]).params
        predicted[test] = intercept + x[test] @ np.asarray(slopes)
    p = stats.mannwhitneyu(predicted[risky], predicted[~risky], alternative="greater").pvalue
    return float(roc_auc_score(risky, predicted)), float(p)


def _table(columns: pd.DataFrame, risky: np.ndarray, entries: pd.DataFrame) -> pd.DataFrame:
    """Write what every column is associated with, the strongest first."""
    from statsmodels.stats.multitest import multipletests

    fit = _fitted(columns.to_numpy(), risky)
    logs, ends = np.asarray(fit.params)[1:], np.asarray(fit.conf_int())[1:]
    significant, p, *__ = multipletests(np.asarray(fit.pvalues)[1:], alpha=SIGNIFICANT, method="holm")
    table = entries[["feature", "answer", "against", "behind"]].assign(
        odds_ratio=np.exp(logs),
        low=np.exp(ends[:, 0]),
        high=np.exp(ends[:, 1]),
        p=p,
        significant=significant,
        words=np.where(logs > 0, entries.more, entries.less),
    )
    table = table.astype(dict.fromkeys(["answer", "against", "words"], "string"))
    return table.iloc[np.argsort(-np.abs(logs), kind="stable")].reset_index(drop=True)
