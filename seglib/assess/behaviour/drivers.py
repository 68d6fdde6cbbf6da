"""Drivers of churn: which features go with being at risk, and whether that is known at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

from seglib.assess.naming.profiles import scaled
from seglib.assess.thresholds import LEAST_AUC, MOST_INFLATION, MOST_MISSING, PER_COLUMN, RARE, SURE
from seglib.vocabulary import uncapitalised

#: Customers used at the most, evenly spaced.
SAMPLE = 50_000
_FOLDS = 5
COLUMNS = (
    "feature",
    "answer",
    "against",
    "label",
    "odds_ratio",
    "low",
    "high",
    "p",
    "sure",
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
        One row per feature, or answer, the strongest first; none where nothing was fitted. odds_ratio per
        standard deviation, low and high (95 %), p (after Holm, 1979), sure (p below `SURE`), words (of
        whom the risk is higher), behind (the fewest customers that the row stands for), auc and
        auc_p (against guessing), customers and at_risk (behind the regression).
    known
        Whether the features tell who is at risk well enough to speak of drivers.
    why
        What was found out of that, in a sentence.
    left_out
        Labels of features that follow from the others.
    """

    table: pd.DataFrame
    known: bool
    why: str
    left_out: tuple[str, ...] = field(default=())


def drivers(
    features: pd.DataFrame, at_risk: pd.Series, catalogue: pd.DataFrame, min_cell: int = 1, seed: int = 0
) -> Drivers:
    """Regress being at risk on what is known of customers (logistic regression).

    All columns are standardised; skewed numbers by rank. An answer is compared with that of the
    lowest risk. Each coefficient carries a weak prior, log-F(1, 1) (Greenland and Mansournia,
    2015), so that an answer which nobody at risk gave keeps a finite odds ratio.

    Parameters
    ----------
    features
        One row per customer.
    at_risk
        Whether each is at risk, in the same order; missing where it is not known.
    catalogue
        One row per feature that may explain (`churn.candidates`).
    min_cell
        The fewest customers that a cell may stand for: rarer answers do not explain.
    seed
        Of the folds that the area under the curve is measured on.
    """
    known = at_risk.notna().to_numpy()
    if not known.any():
        return _none("Drivers are not known, as nobody's risk is.")
    step = max(1, int(known.sum()) // SAMPLE)
    rows, risky = features[known].iloc[::step], at_risk[known].iloc[::step].to_numpy(bool)
    fewest = int(min(risky.sum(), (~risky).sum()))
    if fewest < max(min_cell, _FOLDS):
        return _none("Drivers are not known: hardly anybody is at risk, or hardly anybody is not.")
    columns, entries = _columns(rows, risky, catalogue, min_cell)
    columns, left_out = independent(columns, entries.index[entries.answer.isna()])
    if columns.empty:
        return _none("Drivers are not known: there is no feature left that could explain the risk.")
    if fewest < PER_COLUMN * columns.shape[1]:
        return _none(
            f"Drivers are not known: {columns.shape[1]} features and answers may explain the risk, and "
            f"{PER_COLUMN} customers at risk, and as many not, are needed for each."
        )
    with threadpool_limits(1):  # small products: threads would only wait for each other
        auc, auc_p = discrimination(columns.to_numpy(), risky, seed)
        table = _table(columns, risky, entries.loc[columns.columns])
    table = table.assign(auc=auc, auc_p=auc_p, customers=len(risky), at_risk=int(risky.sum()))
    labels = tuple(dict.fromkeys(entries.label[c] for c in left_out))
    is_known = auc >= LEAST_AUC and auc_p < SURE
    why = (
        f"The features tell who is at risk with an area under the curve of {auc:.2f}, where guessing has 0.5"
    )
    verdict = f"{why}." if is_known else f"{why} and {LEAST_AUC} is asked: drivers are not known."
    return Drivers(table[list(COLUMNS)], is_known, verdict, labels)


def _none(why: str) -> Drivers:
    return Drivers(pd.DataFrame(columns=list(COLUMNS)), False, why)


def _columns(
    rows: pd.DataFrame, risky: np.ndarray, catalogue: pd.DataFrame, min_cell: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the columns of the regression, and say of each what it is."""
    made: dict[str, np.ndarray] = {}
    about: list[tuple[object, ...]] = []
    seen: set[bytes] = set()
    for entry in catalogue.itertuples():
        values = rows[entry.feature]
        if values.isna().mean() > MOST_MISSING or values.nunique() < 2:
            continue
        if entry.level not in ("nominal", "binary") and pd.api.types.is_numeric_dtype(values):
            made[entry.feature] = scaled(values.astype(float)).fillna(0.0).to_numpy()
            about.append(
                (entry.feature, entry.feature, None, None, entry.label, entry.high, entry.low, len(values))
            )
            continue
        answers = _answers(values, risky, min_cell, seen)
        for answer, (column, behind) in list(answers.items())[1:]:
            against = next(iter(answers))
            made[f"{entry.feature}={answer}"] = column
            about.append(
                (
                    f"{entry.feature}={answer}",
                    entry.feature,
                    answer,
                    against,
                    f"{entry.label}: {answer}",
                    f"{uncapitalised(entry.label)}: {answer} rather than {against}",
                    f"{uncapitalised(entry.label)}: {against} rather than {answer}",
                    behind,
                )
            )
    names = ["column", "feature", "answer", "against", "label", "more", "less", "behind"]
    frame = pd.DataFrame(made, index=rows.index).astype(float)
    spread = frame.std(ddof=0)
    frame = frame.loc[:, spread > 0]
    return (frame - frame.mean()) / frame.std(ddof=0), pd.DataFrame(about, columns=names).set_index("column")


def _answers(
    values: pd.Series, risky: np.ndarray, min_cell: int, seen: set[bytes]
) -> dict[str, tuple[np.ndarray, int]]:
    """Give the answers that enough customers give, that of the lowest risk first, and who gives them.

    An answer that says the same of every customer as one of an earlier feature is left out, as
    'no internet' is of each service that needs it. Who did not answer counts as average.
    """
    text, known = values.astype("string"), values.notna().to_numpy()
    rates = {}
    for answer in sorted(text.dropna().unique()):
        own = (text == answer).fillna(False).to_numpy(bool)
        cells = np.array([own.sum(), (own & risky).sum(), (own & ~risky).sum()])
        enough = cells[0] >= max(min_cell, RARE * len(own)) and not ((cells > 0) & (cells < min_cell)).any()
        key = np.packbits(own).tobytes()
        if enough and key not in seen:
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


def _fitted(x: np.ndarray, risky: np.ndarray) -> object:
    """Fit a logistic regression; the prior is one more customer per column, half of him at risk."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    n = x.shape[1]
    design = np.block([[np.ones((len(x), 1)), x], [np.zeros((n, 1)), np.eye(n)]])
    return GLM(np.concatenate([risky.astype(float), np.full(n, 0.5)]), design, family=Binomial()).fit()


def discrimination(x: np.ndarray, risky: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Measure how well a regression tells who is at risk, on customers that it has not seen.

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
        who is at risk has a higher risk than who is not.
    float
        Its p-value against guessing (Mann and Whitney, 1947).
    """
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    told = np.empty(len(x))
    for learn, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(x, risky):
        intercept, *slopes = _fitted(x[learn], risky[learn]).params
        told[test] = intercept + x[test] @ np.asarray(slopes)
    p = stats.mannwhitneyu(told[risky], told[~risky], alternative="greater").pvalue
    return float(roc_auc_score(risky, told)), float(p)


def _table(columns: pd.DataFrame, risky: np.ndarray, entries: pd.DataFrame) -> pd.DataFrame:
    """Say of every column what it goes with, the strongest first."""
    from statsmodels.stats.multitest import multipletests

    fit = _fitted(columns.to_numpy(), risky)
    made = entries[["feature", "answer", "against", "label", "behind"]].reset_index(drop=True)
    logs, ends = np.asarray(fit.params)[1:], np.asarray(fit.conf_int())[1:]
    made["odds_ratio"], made["low"], made["high"] = np.exp(logs), np.exp(ends[:, 0]), np.exp(ends[:, 1])
    sure, made["p"], *__ = multipletests(np.asarray(fit.pvalues)[1:], alpha=SURE, method="holm")
    made["sure"] = sure
    made["words"] = np.where(logs > 0, entries.more, entries.less)
    made["answer"], made["against"] = made.answer.astype("string"), made.against.astype("string")
    return made.iloc[np.argsort(-np.abs(logs), kind="stable")].reset_index(drop=True)
