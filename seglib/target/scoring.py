"""Which segments become targets: those whose best play is expected to earn more than it costs.

The score is money wherever the data allow: the expected profit of the best play. Weights of the params
replace it, on the scales of `anchors`; without either there is no ranking. The segment evaluation plot
is Dolnicar, Grün and Leisch's (Market Segmentation Analysis, 2018, section 10.1), in these units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from seglib.statistics import Z
from seglib.target.thresholds import APART, CHANCE

#: What the score is: profit of the best play, profit per unit of money spent on it, points of the weights, what
#: is at stake, or nothing.
BASES = ("profit", "return", "points", "stake", "none")
#: Bases that are money of a play.
_MONEY = ("profit", "return")
#: Why a segment is no target, or is one.
DECISIONS = (
    *("unstructured", "failed", "chosen", "outranked", "loss", "unsure", "unknown", "below", "unranked"),
)


@dataclass(frozen=True)
class Rules:
    """How scores become targets.

    Attributes
    ----------
    basis
        Of `BASES`.
    failed
        Segment to the knock-outs of the scorecard that it does not pass.
    most
        Targets at most.
    structured
        Whether there are segments at all: found, or made by rules.
    chance
        Least chance that a play earns more than it costs.
    """

    basis: str
    failed: dict[Any, list[dict[str, Any]]]
    most: int
    structured: bool
    chance: float = CHANCE

    def allowed(self, segments: pd.Series) -> np.ndarray:
        """Return which segments pass all knock-outs; one segment needs structure."""
        return ~segments.isin(self.failed).to_numpy() & (self.structured or len(segments) > 1)

    def places(self, n_segments: int) -> int:
        """Return the number of targets at most; where points decide never all segments, unless there is one."""
        return min(self.most, n_segments if self.basis in _MONEY else max(1, n_segments - 1))


def rules(basis: str, scorecard: pd.DataFrame, most: int, structure: str, chance: float = CHANCE) -> Rules:
    """Set the rules of targeting, from what decides, the knock-outs, the most targets and the verdict."""
    out = scorecard[~scorecard.passed & scorecard.knock_out][["segment", "criterion", "measured", "asked"]]
    failed = {s: rows.drop(columns="segment").to_dict("records") for s, rows in out.groupby("segment")}
    return Rules(basis, failed, most, structure != "none", chance)


def basis(best: pd.DataFrame, stakes: pd.DataFrame, weighted: bool, objective: str) -> str:
    """Return what decides: the params' weights, money if some play's is known, else what is at stake, or nothing.

    Parameters
    ----------
    best
        From `best_plays`.
    stakes
        From `economics.stakes`.
    weighted
        Whether the params give weights.
    objective
        Development needs no contact: what is at stake decides.
    """
    if weighted:
        return "points"
    if objective != "development" and (best.unknown == "").any():
        return "return" if objective == "allocation" else "profit"
    return "stake" if stakes.at_stake.notna().any() else "none"


def best_plays(options: pd.DataFrame, segments: pd.Series, chance: float = CHANCE) -> pd.DataFrame:
    """Choose the play of each segment that is expected to earn most, of those that pay with the asked chance.

    Where none does, the one that is expected to earn most is what a test would try; where no play's
    money is known, the first.

    Parameters
    ----------
    options
        From `response.options`.
    segments
        All segments.
    chance
        Least chance that a play earns more than it costs.

    Returns
    -------
    pandas.DataFrame
        One row per segment, in the order given: as `options`; unknown is contact where no play fits.
    """
    known = options.unknown == ""
    pays = known & (options.chance >= chance)
    order = options.assign(
        _known=known, _pays=pays, _earns=options.per_contact.astype(float).fillna(-np.inf).round(9)
    )
    order = order.sort_values(
        ["segment", "_pays", "_known", "_earns"], ascending=[True, False, False, False], kind="stable"
    )
    best = order.drop_duplicates("segment").drop(columns=["_known", "_pays", "_earns"])
    best = pd.DataFrame({"segment": segments}).merge(best, on="segment", how="left")
    return best.assign(
        unknown=best.unknown.fillna("contact").astype(object), play=best.play.fillna("").astype(object)
    )


def scored(
    basis: str,
    value: pd.DataFrame,
    best: pd.DataFrame,
    tests: pd.DataFrame,
    stakes: pd.DataFrame,
    points: pd.DataFrame,
) -> pd.DataFrame:
    """Score every segment by what decides; profit is that of those who are contacted, not of those held out.

    Parameters
    ----------
    basis
        From `basis`.
    value, best, tests, stakes, points
        The table `value`; from `best_plays`, `holdouts.tests`, `economics.stakes` and `anchors.axes`.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, name, score, sd, chance (that it is above 0), pays (whether the play
        does more likely than not, as far as its money is known), acts (whether what is at stake calls for
        something to be developed), play, per_contact, per_low, per_high, at_stake, stake, missing_part,
        attractiveness, strength.
    """
    made = value[["segment", "name", "customers"]].merge(
        best.drop(columns="customers"), on="segment", how="left"
    )
    made = made.merge(stakes, on="segment", how="left").merge(points, on="segment", how="left")
    contacts = made.segment.map(tests.set_index("segment").contacts).fillna(made.customers).astype(float)
    none = pd.Series(np.nan, made.index)
    score, sd = {
        "profit": (made.per_contact * contacts, made.gain_sd * contacts),
        "return": (made.per_contact / _spent(made), made.gain_sd / _spent(made)),
        "points": (made.points, made.points_sd),
        "stake": (made.at_stake, none),
        "none": (none, none),
    }[basis]
    error = sd.where(sd > 0).astype(float)
    likely = pd.Series(stats.norm.cdf(score.astype(float) / error), made.index)
    kept = ["play", "per_contact", "at_stake", "stake", "missing_part", "attractiveness", "strength"]
    return made[["segment", "name", *kept]].assign(
        score=score.astype(float),
        sd=sd.astype(float),
        chance=likely.where(error.notna(), (score > 0).astype(float)).where(score.notna()),
        pays=~(made.chance < 0.5) | (basis != "points"),
        acts=made.acts,
        per_low=made.low,
        per_high=made.high,
    )


def _spent(made: pd.DataFrame) -> pd.Series:
    """Return the cost of a contact; one that costs nothing counts as a thousandth of what a response leaves."""
    return made.cost.where(made.cost > 0, made.margin.abs() / 1000)


def ranking(scores: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Rank the segments and choose targets.

    Parameters
    ----------
    scores
        One row per segment: segment, score (money or points; missing where not known), sd (its standard
        error), chance (that it is above 0).
    rules
        How scores become targets.

    Returns
    -------
    pandas.DataFrame
        One row per segment, the best first: as `scores`, with low and high (95 %), rank (equal ranks where a
        difference is within its error), tied (whether it shares its rank), target, decision (of
        `DECISIONS`), failed (knock-outs) and places (targets at most).
    """
    name = "name" if "name" in scores else "segment"  # names do not change when segments are renumbered
    order = [name] if rules.basis == "none" else ["score", name]
    made = scores.sort_values(
        order, ascending=[o == name for o in order], na_position="last", ignore_index=True
    )
    allowed, places = rules.allowed(made.segment), rules.places(len(made))
    eligible = allowed & _eligible(made, rules)
    target = eligible & (np.cumsum(eligible) <= places)
    ranks = _ranks(made.score.to_numpy(float), made.sd.to_numpy(float))
    return made.assign(
        low=made.score - Z * made.sd,
        high=made.score + Z * made.sd,
        rank=ranks,
        tied=pd.Series(ranks).duplicated(keep=False).to_numpy() & made.score.notna().to_numpy(),
        target=target,
        decision=_decisions(made, rules, eligible, target),
        failed=[rules.failed.get(s, []) for s in made.segment],
        places=places,
    )


def _eligible(made: pd.DataFrame, rules: Rules) -> np.ndarray:
    """Return which scores are good enough: above 0 with the asked chance; what only is at stake is no reason to act."""
    if rules.basis == "stake":
        return (
            made.get("acts", pd.Series(False, index=made.index)).to_numpy(bool) & (made.score > 0).to_numpy()
        )
    if rules.basis == "none":
        return np.zeros(len(made), dtype=bool)
    pays = made.get("pays", pd.Series(True, index=made.index)).to_numpy(bool)
    return pays & (made.score > 0).to_numpy() & (made.chance >= rules.chance).to_numpy()


def _decisions(made: pd.DataFrame, rules: Rules, eligible: np.ndarray, target: np.ndarray) -> np.ndarray:
    out = made.segment.isin(rules.failed).to_numpy()
    unknown = made.score.isna().to_numpy()
    loses = (made.score <= 0).to_numpy()
    low = {"profit": "loss", "return": "loss", "points": "below"}.get(rules.basis, "unknown")
    return np.select(
        [
            np.full(len(made), not rules.structured and len(made) == 1),
            out,
            np.full(len(made), rules.basis == "none"),
            target,
            eligible,
            unknown,
            loses,
        ],
        ["unstructured", "failed", "unranked", "chosen", "outranked", "unknown", low],
        "unsure" if rules.basis in (*_MONEY, "points") else "unknown",
    )


def _ranks(score: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Rank from 1; a segment shares the rank of one before it, unless it is behind with the asked chance."""
    ranks = np.arange(1, len(score) + 1)
    first = 0
    for at in range(1, len(score)):
        if not same(score[first] - score[at], np.hypot(sd[first], sd[at])):
            first = at
        ranks[at] = first + 1
    return ranks


def same(difference: float, error: float) -> bool:
    """Check whether a difference is within its error: it decides nothing.

    Examples
    --------
    >>> same(10.0, 20.0), same(10.0, 5.0), same(0.0, 0.0)
    (True, False, True)
    """
    if not np.isfinite(difference):
        return False
    return bool(difference <= stats.norm.ppf(APART) * (error if np.isfinite(error) else 0.0))
