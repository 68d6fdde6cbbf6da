"""Whether the stored segments still hold: keep, refresh or rebuild."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import adjusted_rand_score

from seglib.monitor.identity import Identities
from seglib.monitor.thresholds import BY_CHANCE, ELSEWHERE

#: The verdicts: the stored model is used on; the same segments get new centres; the segments are others.
VERDICTS = ("keep", "refresh", "rebuild")
#: Structures that are segments beyond what reference data would give.
_FOUND = ("natural", "reproducible")


@dataclass(frozen=True)
class Evidence:
    """What the verdict follows from.

    Attributes
    ----------
    agreement
        Adjusted Rand index of the re-scored with the refitted segments of this month.
    elsewhere
        Share of customers whom the refit assigns to another segment.
    usual
        The same index of pairs of refits of the earlier month.
    identities
        Which segment is which.
    structure, structure_now
        The word of the stored segmentation and of the refit.
    close
        Whether the word of the refit is too close to call.
    margins
        Mean margin of the stored model in the month in which it was fitted, and now; and its standard error.
    """

    agreement: float
    elsewhere: float
    usual: np.ndarray
    identities: Identities
    structure: str = ""
    structure_now: str = ""
    close: bool = False
    margins: tuple[float, float, float] = (np.nan, np.nan, np.nan)

    @property
    def least(self) -> float:
        """The agreement below which a refit differs from the stored segments more than two refits do.

        The lower bound of a prediction interval for one more pair (Student).
        """
        usual = self.usual[~np.isnan(self.usual)]
        n = len(usual)
        if n < 2:
            return -1.0
        reach = stats.t.ppf(1 - BY_CHANCE, n - 1) * usual.std(ddof=1) * np.sqrt(1 + 1 / n)
        return float(max(usual.mean() - reach - 1e-9, -1.0))


@dataclass(frozen=True)
class Verdict:
    """keep, refresh or rebuild, and why.

    Attributes
    ----------
    word
        Of `VERDICTS`.
    reasons
        Codes of why: born, died, split, merged, structure, agreement; none for keep.
    """

    word: str
    reasons: list[str] = field(default_factory=list)


def agreement(rescored: pd.Series, refitted: pd.Series) -> tuple[float, float]:
    """Compare the re-scored with the refitted segments of the same customers.

    Returns
    -------
    index, elsewhere : float
        Adjusted Rand index, and the share of customers in another segment (numbers are those of `rescored`).
    """
    both = pd.concat([rescored, refitted], axis=1, keys=["one", "other"]).dropna()
    if both.empty:
        return np.nan, np.nan
    return float(adjusted_rand_score(both.one, both.other)), float((both.one != both.other).mean())


def verdict(evidence: Evidence) -> Verdict:
    """Judge whether the stored segments still hold.

    *Rebuild* where segments were born, died, were split or merged, or the structure is of another kind;
    *refresh* where the same segments have other borders than two refits of the earlier data would give;
    *keep* otherwise.
    """
    fates = set(evidence.identities.table.fate)
    reasons = [fate for fate in ("born", "died", "split", "merged") if fate in fates]
    was, now = evidence.structure in _FOUND, evidence.structure_now in _FOUND
    if evidence.structure and evidence.structure_now and was != now and not evidence.close:
        reasons.append("structure")
    if reasons:
        return Verdict("rebuild", reasons)
    if evidence.agreement < evidence.least and evidence.elsewhere > ELSEWHERE:
        return Verdict("refresh", ["agreement"])
    return Verdict("keep")
