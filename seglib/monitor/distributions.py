"""Whether features are distributed as in an earlier run: PSI net of its expectation, tests, missing and new answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from seglib.monitor.thresholds import ALIKE, BINS, CLOCKS, PER_BIN
from seglib.statistics import ENDS

#: Levels of measurement that are numbers.
NUMBERS = ("ratio", "interval", "ordinal")
#: Columns of the table `drift`.
COLUMNS = (
    *(
        "feature",
        "level",
        "customers",
        "earlier",
        "psi",
        "expected",
        "beyond",
        "low",
        "high",
        "test",
        "statistic",
    ),
    *(
        "effect",
        "p",
        "q",
        "missing",
        "missing_earlier",
        "missing_low",
        "new_answers",
        "customers_new",
        "gone",
    ),
    *("season", "grown", "changed", "all_now", "all_earlier"),
)


@dataclass(frozen=True)
class Limits:
    """From what a change is an alert.

    Attributes
    ----------
    psi
        Lower bound of the population stability index beyond its expectation.
    missing
        Lower bound of the increase of the share of missing values.
    false_alarms
        Share of false discoveries among the columns that are called changed.
    """

    psi: float = 0.1
    missing: float = 0.05
    false_alarms: float = 0.01


def stability_index(now: np.ndarray, earlier: np.ndarray) -> dict[str, float]:
    """Compute the population stability index, net of its expectation under no change, with a 95 % interval.

    The index is the sum of (p - q) log(p / q) over bins. Under no change, n m / (n + m) times it is
    chi-squared with a degree of freedom less than there are bins, so that its expectation is
    (bins - 1)(1 / n + 1 / m) (Yurdakul and Naranjo, Journal of Risk Model Validation, 2020); otherwise it is
    noncentral, and the ends of the interval are those that the observed index is likely under.

    Parameters
    ----------
    now, earlier
        Customers per bin.

    Returns
    -------
    dict
        psi, expected, beyond (psi less expected, 0 at least), low, high, p (chi-squared test of
        homogeneity), statistic, effect (Cramér's V).

    Examples
    --------
    >>> index = stability_index(np.array([500, 500]), np.array([500, 500]))
    >>> index["psi"], round(index["expected"], 4), index["low"]
    (0.0, 0.002, 0.0)
    """
    kept = (now + earlier) > 0
    now, earlier = now[kept].astype(float), earlier[kept].astype(float)
    n, m, bins = now.sum(), earlier.sum(), len(now)
    nothing = dict.fromkeys(("psi", "expected", "beyond", "low", "high", "statistic", "effect"), np.nan) | {
        "p": np.nan
    }
    if n == 0 or m == 0:
        return nothing
    if bins < 2:
        return nothing | {"psi": 0.0, "expected": 0.0, "beyond": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}
    p, q = (now + 0.5) / (n + bins / 2), (earlier + 0.5) / (m + bins / 2)  # no bin is empty on one side
    psi = float(((p - q) * np.log(p / q)).sum())
    weight, free = n * m / (n + m), bins - 1
    low, high = (float(_noncentrality(weight * psi, free, end) / weight) for end in ENDS[::-1])
    test = stats.chi2_contingency(np.stack([now, earlier]), correction=False)
    expected = float(free / weight)
    return {
        "psi": psi,
        "expected": expected,
        "beyond": max(psi - expected, 0.0),
        "low": low,
        "high": high,
        "p": float(test.pvalue),
        "statistic": float(test.statistic),
        "effect": float(np.sqrt(test.statistic / (n + m))),
    }


def _noncentrality(observed: float, free: int, level: float) -> float:
    """Find the noncentrality under which what was observed lies at a level; 0 where none is small enough."""
    if stats.chi2.cdf(observed, free) <= level:
        return 0.0
    most = 4 * observed + 50
    return float(optimize.brentq(lambda x: stats.ncx2.cdf(observed, free, x) - level, 1e-9, most))


def binned(now: pd.Series, earlier: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Count numbers in bins of about as many customers of the earlier run; values that stand often are a bin alone."""
    now, earlier = now.dropna().astype(float), earlier.dropna().astype(float)
    bins = int(np.clip(min(len(now), len(earlier)) / PER_BIN, 2, BINS))
    edges = np.unique(np.quantile(earlier, np.linspace(0, 1, bins + 1)[1:-1], method="inverted_cdf"))
    one, other = (np.bincount(np.searchsorted(edges, x), minlength=len(edges) + 1) for x in (now, earlier))
    return one, other


def answered(now: pd.Series, earlier: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Count the customers of each answer; answers of fewer than `PER_BIN` in both runs together are one."""
    counts = pd.DataFrame(
        {
            "now": now.dropna().astype(str).value_counts(),
            "earlier": earlier.dropna().astype(str).value_counts(),
        }
    )
    counts = counts.fillna(0)
    rare = counts.sum(axis=1) < PER_BIN
    if rare.any():
        counts = counts.groupby(np.where(rare, -1, np.arange(len(counts)))).sum()
    return counts.now.to_numpy(), counts.earlier.to_numpy()


def drift(
    now: pd.DataFrame,
    earlier: pd.DataFrame,
    levels: dict[str, str],
    limits: Limits,
    year_ago: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare the distribution of each feature with that of an earlier run.

    Numbers are tested by Kolmogorov and Smirnov, answers by chi-squared; the probabilities are adjusted for
    the number of features (Benjamini and Hochberg, 1995). A feature has *changed* if the test is significant
    and the lower end of the index is beyond the limit. If it is then as it was a year ago, it is a *season*. A
    feature that counts time (`CLOCKS`) has *grown* if nearly all customers of both runs have grown by as much:
    who is new and who is gone is told by `volumes` and by the migration.

    Parameters
    ----------
    now, earlier, year_ago
        The table `features` of this run, of the earlier one and of one a year ago, if there is one.
    levels
        Level of measurement by feature.
    limits
        From what a change counts.

    Returns
    -------
    pandas.DataFrame
        The table `drift`: one row per feature of both runs, the largest change first.
    """
    rows = [
        _feature(name, now[name], earlier[name], levels.get(name, ""))
        for name in now.columns.intersection(earlier.columns)
        if name != "customer"
    ]
    table = pd.DataFrame(rows)
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    table["q"] = np.nan
    known = table.p.notna()
    table.loc[known, "q"] = stats.false_discovery_control(table.p[known])
    moved = (table.q < limits.false_alarms) & (table.low > limits.psi)
    table["season"] = moved & table.feature.map(_as_a_year_ago(now, year_ago, levels, limits)).astype(bool)
    table["grown"] = moved & ~table.season & table.feature.map(_grown(now, earlier)).astype(bool)
    table["changed"] = moved & ~table.season & ~table.grown | (table.missing_low > limits.missing)
    order = table.assign(by=table.beyond.fillna(-1)).sort_values(["by", "feature"], ascending=[False, True])
    return order[list(COLUMNS)].reset_index(drop=True)


def _as_a_year_ago(
    now: pd.DataFrame, year_ago: pd.DataFrame | None, levels: dict[str, str], limits: Limits
) -> dict[str, bool]:
    """Tell of each feature whether it is distributed as a year ago; not if there was no run then."""
    if year_ago is None:
        return dict.fromkeys(now.columns, False)
    both = now.columns.intersection(year_ago.columns)
    then = {f: _feature(f, now[f], year_ago[f], levels.get(f, "")) for f in both if f != "customer"}
    return {f: f in then and not then[f]["low"] > limits.psi for f in now.columns}


def _grown(now: pd.DataFrame, earlier: pd.DataFrame) -> dict[str, bool]:
    """Tell of each feature whether it counts time, and counted as much of it for nearly all customers of both runs."""
    found = dict.fromkeys(now.columns, False)
    names = [name for name in CLOCKS if name in now and name in earlier]
    columns = ["customer", *names]
    both = now[columns].merge(earlier[columns], on="customer", suffixes=("", "_before"))
    for name in names:
        by = (both[name] - both[f"{name}_before"]).dropna()
        if len(by) >= PER_BIN and by.median() > 0:
            found[name] = bool(((by - by.median()).abs() < 1).mean() >= ALIKE)
    return found


def _feature(name: str, now: pd.Series, earlier: pd.Series, level: str) -> dict[str, Any]:
    numeric = (
        level in NUMBERS and pd.api.types.is_numeric_dtype(now) and pd.api.types.is_numeric_dtype(earlier)
    )
    counts = (
        binned(now, earlier)
        if numeric and now.notna().any() and earlier.notna().any()
        else answered(now, earlier)
    )
    found = stability_index(*counts) | {"test": "chi-squared"}
    if numeric and min(now.notna().sum(), earlier.notna().sum()) >= PER_BIN:
        test = stats.ks_2samp(now.dropna().astype(float), earlier.dropna().astype(float), method="asymp")
        found |= {"test": "Kolmogorov-Smirnov", "p": float(test.pvalue), "statistic": float(test.statistic)}
        found["effect"] = float(test.statistic)
    answers = ([], []) if numeric else _answers(now, earlier)
    new = now.astype(str).isin(answers[0]) & now.notna()
    return found | {
        "feature": name,
        "level": level,
        "customers": int(now.notna().sum()),
        "earlier": int(earlier.notna().sum()),
        "all_now": len(now),
        "all_earlier": len(earlier),
        "missing": float(now.isna().mean()),
        "missing_earlier": float(earlier.isna().mean()),
        "missing_low": _increase(now.isna(), earlier.isna()),
        "new_answers": answers[0],
        "customers_new": int(new.sum()),
        "gone": answers[1],
    }


def _answers(now: pd.Series, earlier: pd.Series) -> tuple[list[str], list[str]]:
    """List the answers that are new, and those that are gone."""
    here, there = set(now.dropna().astype(str)), set(earlier.dropna().astype(str))
    return sorted(here - there), sorted(there - here)


def _increase(now: pd.Series, earlier: pd.Series) -> float:
    """Compute the lower end of the increase of a share (Newcombe, 1998, method 10)."""
    from statsmodels.stats.proportion import confint_proportions_2indep  # slow to import

    if not len(now) or not len(earlier):
        return np.nan
    return float(
        confint_proportions_2indep(
            now.sum(), len(now), earlier.sum(), len(earlier), method="newcomb", compare="diff"
        )[0]
    )


def volumes(
    now: dict[str, tuple[int, float]], earlier: dict[str, tuple[int, float]], limit: float
) -> pd.DataFrame:
    """Compare how many rows the tables of two runs have.

    Tables that keep all rows grow from month to month: those that have times are compared by rows per day.

    Parameters
    ----------
    now, earlier
        By what is counted, such as customers or transactions: its rows, and the days from the first to as_of;
        missing where rows have no time.
    limit
        Relative change that is an alert.

    Returns
    -------
    pandas.DataFrame
        The table `volumes`, one row each: what, now, earlier, change (relative; missing from or to nothing),
        changed.

    Examples
    --------
    >>> volumes({"events": (150, 150.0)}, {"events": (120, 120.0)}, 0.3).change.tolist()
    [0.0]
    """
    rows = []
    for what in dict.fromkeys([*earlier, *now]):
        (n, days), (before, days_before) = (found.get(what, (0, np.nan)) for found in (now, earlier))
        longer = days / days_before if days > 0 and days_before > 0 else 1.0
        change = n / (before * longer) - 1 if n and before else np.nan
        rows.append({"what": what, "now": n, "earlier": before, "change": change})
    table = pd.DataFrame(rows, columns=["what", "now", "earlier", "change"])
    return table.assign(changed=table.change.isna() | (table.change.abs() > limit))
