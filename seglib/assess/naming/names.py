"""The name of a segment, which follows from what sets it apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from seglib.assess.naming.distances import Resampled
from seglib.assess.naming.leading import leading_features, ranked
from seglib.assess.naming.profiles import square
from seglib.assess.naming.rules import in_words
from seglib.errors import ParamsError, listing

#: Parts of a name, if no more are needed to distinguish segments; and the most.
_PARTS, _MOST_PARTS = 2, 4
#: Names where there is nothing to choose from.
_MIXED, _EVERYBODY = "much like the others", "all customers"
#: Beginnings of parts that are written once for several, and what joins the rest; longer ones first.
_TOGETHER = {
    "find it not ": "or",
    "find it ": "and",
    "more often ": "and",
    "less often ": "or",
    "mostly ": "and",
    "seldom ": "or",
    "not ": "or",
    "no ": "or",
    "without ": "or",
    "many ": "and",
    "few ": "and",
    "high ": "and",
    "low ": "and",
}
#: Those of them that may stand before more than one word.
_WHOLE = frozenset(list(_TOGETHER)[:8])
_ADVERBS = ("mostly ", "more often ", "less often ", "seldom ")
BY_RULE = "the rule that formed it"
_ORDINALS = ("", "second ", "third ", "fourth ", "fifth ", "sixth ", "seventh ", "eighth ", "ninth ")


def names(
    profiles: pd.DataFrame,
    catalogue: pd.DataFrame,
    again: Resampled | None = None,
    given: pd.DataFrame | None = None,
    rules: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Name every segment by the two or three features that set it apart most.

    First comes what the division is made of (`rules`), then what sets it apart: what is far from all
    customers and, more so, beyond every other segment. Used is what is true of the segment
    (`phrases.holds_true`) and leads in at least half of the bootstrap samples. Segments that would be called
    alike are distinguished by what they differ in most; if nothing is left, by size. Numbers of segments
    decide nothing.

    Parameters
    ----------
    profiles
        From `profiles.profiles`.
    catalogue
        One row per feature, with label, level, high, low and segmentation (bool).
    again
        From `distances.resampled`; without it everything counts as stable.
    given
        One row per segment, with the name that a rule gave it, or missing; such names stay.
    rules
        The table `segment_rules`, if there is one; a segment of which nothing stands out is named by its rule.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, name (distinct), because (the features behind it),
        name_stability (share of samples in which these features lead in the same direction; missing
        where a rule names, or nothing does).
    """
    if given is not None and given.name.notna().all():
        return given[["segment", "name"]].assign(because=BY_RULE, name_stability=np.nan)
    segments = sorted(profiles.segment.unique())
    if len(segments) == 1:
        return _table(segments, [_EVERYBODY], [""], [np.nan])
    listed = leading_features(profiles, catalogue, again, rules)
    chosen = {s: _usual(listed[listed.segment == s]) for s in segments}
    distances = square(profiles)
    for _ in range(_MOST_PARTS - _PARTS):
        chosen = {s: _distinguished(s, chosen, listed, distances) for s in segments}
    known = catalogue.set_index("feature")
    parts = {s: joined(chosen[s].words) or ", ".join(in_words(rules, s, known)) or _MIXED for s in segments}
    distinct = _distinct(parts, profiles, distances)
    because = [", ".join(chosen[s].feature) for s in segments]
    stability = [_stability(chosen[s], listed, again) for s in segments]
    return _table(segments, [distinct[s] for s in segments], because, stability)


def _table(
    segments: list[object], names: list[str], because: list[str], stability: list[float]
) -> pd.DataFrame:
    capital = [name[:1].upper() + name[1:] for name in names]
    return pd.DataFrame(
        {"segment": segments, "name": capital, "because": because, "name_stability": stability}
    )


def _usual(own: pd.DataFrame) -> pd.DataFrame:
    """Take the parts of a name that do without the others: variables first, and of them what leads."""
    forming = own[own.forms] if own.forms.any() else own
    steady = forming[forming.steady]
    leading = steady if len(steady) else forming.sort_values("leads", ascending=False, kind="stable")
    return leading.head(_PARTS)


def joined(words: Iterable[str]) -> str:
    """Join the parts of a name: adverbs last, and what begins alike together.

    Examples
    --------
    >>> joined(["mostly at weekends", "large baskets", "mostly on discount"])
    'large baskets, mostly at weekends and on discount'
    >>> joined(["seldom cheap", "seldom tasty"]), joined(["find it tasty", "find it not cheap"])
    ('seldom cheap or tasty', 'find it tasty and not cheap')
    >>> joined(["many orders", "many visits"]), joined(["many kinds of payment", "many payments"])
    ('many orders and visits', 'many kinds of payment, many payments')
    """
    made: list[str] = []
    for part in sorted(words, key=lambda part: part.startswith(_ADVERBS)):
        for begins, word in _TOGETHER.items():
            at = next((n for n, m in enumerate(made) if m.startswith(begins)), None)
            if at is None or not part.startswith(begins):
                continue
            if begins in _WHOLE or len(made[at].split()) == 2:
                made[at] += f" {word} {part.removeprefix(begins)}"
                break
        else:
            made.append(part)
    return ", ".join(made)


def _key(parts: pd.DataFrame) -> frozenset[str]:
    return frozenset(parts.words.str.casefold())


def _distinguished(
    segment: object, chosen: dict[object, pd.DataFrame], listed: pd.DataFrame, distances: pd.DataFrame
) -> pd.DataFrame:
    """Add to a name that is not the only one of its kind what the segment differs in most."""
    own = chosen[segment]
    alike = [s for s in chosen if s != segment and _key(chosen[s]) == _key(own)]
    left = listed[(listed.segment == segment) & ~listed.feature.isin(own.feature)]
    if not alike or left.empty:
        return own
    others = distances[alike].to_numpy()[left.trait]
    apart = left.sign.to_numpy()[:, None] * (left.distance.to_numpy()[:, None] - others)
    found = left.assign(apart=np.nan_to_num(apart).min(axis=1).round(6))
    found = found[found.apart > 0].sort_values(["forms", "apart"], ascending=False, kind="stable")
    return pd.concat([own, found.head(1).drop(columns="apart")])


def _distinct(named: dict[object, str], profiles: pd.DataFrame, distances: pd.DataFrame) -> dict[object, str]:
    """Distinguish those that are alike in all words by their size, or else as groups."""
    counts = Counter(frozenset(name.casefold().split(", ")) for name in named.values())
    alike = {s: key for s, name in named.items() if counts[key := frozenset(name.casefold().split(", "))] > 1}
    sizes = profiles.groupby("segment").known.max()
    made = dict(named)
    for key in set(alike.values()):
        own = [s for s in alike if alike[s] == key]
        order = sorted(own, key=lambda s: (-sizes[s], tuple(distances[s].fillna(0).round(6))))
        by_size = sizes[own].is_unique
        for at, s in enumerate(order):
            made[s] = f"{named[s]} ({_place(at, len(own)) if by_size else f'group {_letters(at)}'})"
    return made


def _place(at: int, n: int) -> str:
    if n == 2:
        return ("larger group", "smaller group")[at]
    return f"{_ORDINALS[at] if at < len(_ORDINALS) else f'{at + 1}th '}largest group"


def _letters(at: int) -> str:
    """Count in letters: A, B, …, Z, AA, …."""
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


def _stability(parts: pd.DataFrame, listed: pd.DataFrame, again: Resampled | None) -> float:
    """Compute the share of samples in which every part leads: is among one more than there are parts."""
    if again is None or parts.empty:
        return float("nan")
    rows = listed[listed.segment == parts.segment.iloc[0]]
    lead = np.ones(len(again.distances), dtype=bool)
    for kind, own in rows.groupby("forms"):
        named = parts.feature[parts.forms == kind]
        if len(named):
            found = ranked(own, again, len(parts) + 1)
            found |= ranked(own, again, len(own)) & own.rule.to_numpy(bool)
            lead &= found[:, own.feature.isin(named).to_numpy()].all(axis=1)
    return float(lead.mean())


def with_own(named: pd.DataFrame, own: dict[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Add the names that the params give to those that were generated.

    An own name stands by the generated one, not by a number: numbers change from run to run, and a
    generated name stays with the profile that it was read from. The key may be the whole name, or
    those of its parts that only one segment has, in any order and case.

    Parameters
    ----------
    named
        From `names`.
    own
        Generated name, or parts of it, to own name.

    Returns
    -------
    pandas.DataFrame
        The same with given_name (missing where there is none) and shown (the own name, or else the
        generated one).
    list of str
        Keys that fit no segment, or more than one: their names are not used.

    Raises
    ------
    ParamsError
        If two segments would be shown under one name, or one would have two.

    Examples
    --------
    >>> named = pd.DataFrame({"segment": [1, 2], "name": ["Many orders, large baskets", "Many orders, weekend buyers"]})
    >>> made, unused = with_own(named, {"Weekend buyers": "Family shoppers", "New customers": "Starters"})
    >>> made.shown.tolist(), unused
    (['Many orders, large baskets', 'Family shoppers'], ['New customers'])
    """
    parts = [_parts(name) for name in named.name]
    found: dict[int, list[str]] = {}
    unused = []
    for key in own:
        whole = [at for at, p in enumerate(parts) if p == _parts(key)]
        fitting = whole or [at for at, p in enumerate(parts) if _parts(key) <= p]
        if len(fitting) == 1:
            found.setdefault(fitting[0], []).append(key)
        else:
            unused.append(key)
    for at, keys in found.items():
        if len(keys) > 1:
            raise ParamsError(
                f"assess.names gives the segment '{named.name.iloc[at]}' {len(keys)} names, by the keys "
                f"{listing(keys)}; leave one of them"
            )
    given = [own[found[at][0]] if at in found else None for at in range(len(named))]
    made = named.assign(given_name=pd.Series(given, named.index, dtype="string"))
    made["shown"] = made.given_name.fillna(made["name"].astype("string"))
    twice = made.shown[made.shown.str.casefold().duplicated()]
    if len(twice):
        raise ParamsError(
            f"assess.names would call two segments '{twice.iloc[0]}'; give each a name of its own"
        )
    return made, unused


def kept(named: pd.DataFrame, before: dict[int, str]) -> pd.DataFrame:
    """Keep the generated names that segments had in an earlier run; a new one that is taken gets a number.

    Examples
    --------
    >>> named = pd.DataFrame({"segment": [1, 3], "name": ["Large baskets", "Many orders"]})
    >>> kept(named, {1: "Many orders"}).name.tolist()
    ['Many orders', 'Many orders 2']
    """
    old = named.segment.map(before)
    taken, new = set(old.dropna()), []
    for name, was in zip(named.name, old, strict=True):
        made, n = name, 2
        while pd.isna(was) and made in taken:
            made, n = f"{name} {n}", n + 1
        new.append(made if pd.isna(was) else was)
        taken.add(new[-1])
    return named.assign(name=new)


def _parts(name: str) -> frozenset[str]:
    return frozenset(part.strip() for part in name.casefold().split(",") if part.strip())
