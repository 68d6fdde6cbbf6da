"""What a division is made of: the cuts that come closest to a segment, as features and in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.naming.phrases import answer_words
from seglib.assess.thresholds import RULE_HOLDS
from seglib.vocabulary import uncapitalised


def usable(rules: pd.DataFrame | None) -> pd.DataFrame:
    """Keep the cuts of rules that hold of most of a segment, and of few others."""
    if rules is None or rules.empty:
        return pd.DataFrame(columns=["segment", "feature", "answer", "above", "most", "holds"])
    return rules[(rules.precision >= RULE_HOLDS) & (rules.coverage >= RULE_HOLDS)]


def in_rule(own: pd.DataFrame, rules: pd.DataFrame | None) -> np.ndarray:
    """Check which traits are cuts of the rule of their segment, in its direction.

    Parameters
    ----------
    own
        One row per segment and trait: segment, feature, answer, distance.
    rules
        The table `segment_rules`, if there is one.
    """
    cuts = {(c.segment, c.feature): c for c in usable(rules).itertuples()}
    return np.array(
        [(cut := cuts.get((r.segment, r.feature))) is not None and _alike(r, cut) for r in own.itertuples()],
        dtype=bool,
    )


def _alike(trait: Any, cut: Any) -> bool:
    """Check whether a trait says of a segment what the cut does."""
    if isinstance(cut.answer, str):
        same, other = (
            isinstance(told, str) and told == cut.answer
            for told in (trait.answer, getattr(trait, "other", None))
        )
        return (same and (trait.distance > 0) == cut.holds) or (other and (trait.distance < 0) == cut.holds)
    above, most = cut.above == cut.above, cut.most == cut.most
    return pd.isna(trait.answer) and above != most and (trait.distance > 0) == above


def in_words(rules: pd.DataFrame | None, segment: object, words: pd.DataFrame) -> list[str]:
    """Write the cuts of the rule of a segment in words, for want of a trait that stands out.

    Parameters
    ----------
    rules
        The table `segment_rules`, if there is one.
    segment
        Whose.
    words
        The catalogue by feature.

    Examples
    --------
    >>> cuts = pd.DataFrame({"segment": [1, 1], "feature": ["age", "town"], "answer": [None, "York"],
    ...     "above": [30.0, None], "most": [45.0, None], "holds": [True, False]})
    >>> words = pd.DataFrame({"label": ["Age", "Town"], "level": ["ratio", "nominal"], "high": "", "low": ""},
    ...     ["age", "town"])
    >>> in_words(cuts, 1, words)
    ['age 30 to 45', 'not York (town)']
    """
    if rules is None or rules.empty:
        return []
    own = rules[(rules.segment == segment) & rules.feature.isin(words.index)]
    return [_cut(row, words.loc[row.feature]) for row in own.itertuples()]


def _cut(row: Any, entry: pd.Series) -> str:
    if isinstance(row.answer, str):
        told = answer_words(row.answer, entry)
        return told if row.holds else f"not {told}"
    label, above, most = uncapitalised(entry.label), row.above == row.above, row.most == row.most
    if above and most:
        return f"{label} {_bound(row.above)} to {_bound(row.most)}"
    return f"{label} above {_bound(row.above)}" if above else f"{label} up to {_bound(row.most)}"


def _bound(x: float) -> str:
    return (f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.3g}").replace("-", "−")
