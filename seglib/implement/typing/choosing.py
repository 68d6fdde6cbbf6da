"""Which questions: forward selection on cross-validated accuracy, the fewest within one standard error of the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, train_test_split

from seglib.implement.typing.fits import (
    FAMILIES,
    Coded,
    bayes,
    coded,
    fit,
    linear_discriminant,
    logit,
    tree_of,
)
from seglib.implement.typing.tool import Question, TypingTool
from seglib.vocabulary import OTHER

#: Customers among whom questions are chosen, and on whom the tool is tested, at the most.
_CHOSEN_ON, _TESTED_ON, _FITTED_ON = 1000, 4000, 20_000
_FOLDS = 4
#: Features that are tried in forward selection: those that tell segments apart best alone.
_TRIED = 12
_MIN_SHARE, _SKEWED = 0.02, 1.0


@dataclass(frozen=True)
class Chosen:
    """A typing tool, and how often it is right.

    Attributes
    ----------
    tool
        Fitted to all customers.
    accuracy
        The table `typing`: one row per segment, of customers who were not looked at when questions were
        chosen and weighed.
    overall, chance
        Share of these customers who are assigned to their own segment, and share of the largest segment.
    path
        One row per family and number of questions: family, questions, accuracy (cross-validated), chosen.
    """

    tool: TypingTool
    accuracy: pd.DataFrame
    overall: float
    chance: float
    path: pd.DataFrame


def question_of(name: str, label: str, column: pd.Series, fewest: int) -> Question | None:
    """Make a question of a feature; none where it says nothing.

    Parameters
    ----------
    fewest
        Customers who must have given an answer before it is an option.
    """
    known = column.dropna()
    if pd.api.types.is_numeric_dtype(column):
        known = known[np.isfinite(known)]
        if known.nunique() < 2:
            return None
        log = bool((known >= 0).all() and known.skew() > _SKEWED)
        return Question(name, label, usual=float(f"{known.median():.9g}"), log=log)
    counts = known.astype("string").value_counts()
    kept = counts[counts >= max(fewest, _MIN_SHARE * len(column))]
    kept = kept[kept.index != OTHER]
    if len(kept) + (len(kept) < len(counts)) < 2 or kept.empty:
        return None
    rest = counts.sum() - kept.sum() >= fewest
    options = (*sorted(map(str, kept.index)), *([OTHER] if rest else []))
    usual = str(kept.index[0])
    return Question(name, label, options, usual, OTHER if rest else usual)


def typing_tool(
    features: pd.DataFrame,
    segments: pd.Series,
    candidates: Sequence[str],
    labels: dict[str, str],
    names: dict[int, str],
    limits: tuple[int, int] = (3, 8),
    *,
    fewest: int = 10,
    seed: int = 0,
) -> Chosen | None:
    """Choose a few questions that assign newcomers to segments.

    Parameters
    ----------
    features
        One row per customer of a segment.
    segments
        The segment of each.
    candidates
        Features that may be asked for.
    labels, names
        Of features, and of segments.
    limits
        Fewest and most questions.
    fewest
        Customers who must have given an answer before it is an option.
    seed
        Of the samples.

    Returns
    -------
    Chosen or None
        None with one segment alone, or where no feature can be asked for.
    """
    codes = sorted(int(s) for s in segments.unique())
    questions = [question_of(c, labels.get(c, c), features[c], fewest) for c in candidates]
    asked = [q for q in questions if q is not None]
    if len(codes) < 2 or not asked:
        return None
    position = segments.map({s: i for i, s in enumerate(codes)}).to_numpy()
    called = [names.get(s, f"Segment {s}") for s in codes]
    train, test = _split(position, seed)
    rng = np.random.default_rng(seed)
    some = rng.permutation(train)[:_CHOSEN_ON]
    family, order, path = _forward(asked, features.iloc[some], position[some], len(codes), limits, seed)
    tool = _fitted(family, order, features.iloc[train], position[train], codes, called)
    own = segments.to_numpy()[test]
    assigned = tool.assign(features.iloc[test])
    final = _fitted(family, order, features, position, codes, called)
    accuracy = pd.DataFrame({"segment": codes})
    accuracy["customers"] = [int((own == s).sum()) for s in codes]
    accuracy["accuracy"] = [
        float((assigned[own == s] == s).mean()) if (own == s).any() else np.nan for s in codes
    ]
    chance = float(max((own == s).mean() for s in codes))
    return Chosen(final, accuracy, float((assigned == own).mean()), chance, path)


def _split(position: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Set customers apart on whom the tool is tested, a third at the most."""
    everyone = np.arange(len(position))
    n_test = min(_TESTED_ON, max(len(position) // 3, 1))
    stratify = position if np.bincount(position).min() >= 3 and n_test >= position.max() + 1 else None
    train, test = train_test_split(everyone, test_size=n_test, random_state=seed, stratify=stratify)
    return train, test


def _fitted(
    family: str,
    questions: Sequence[Question],
    rows: pd.DataFrame,
    position: np.ndarray,
    codes: Sequence[int],
    names: Sequence[str],
) -> TypingTool:
    step = max(1, len(rows) // _FITTED_ON)
    rows, position = rows.iloc[::step], position[::step]
    answers = TypingTool(family, tuple(questions), (), ()).answers(rows)
    columns = [coded(q, answers[q.feature]) for q in questions]
    return fit(family, columns, position, codes, names)


def _forward(
    questions: list[Question],
    rows: pd.DataFrame,
    position: np.ndarray,
    k: int,
    limits: tuple[int, int],
    seed: int,
) -> tuple[str, list[Question], pd.DataFrame]:
    """Return the family, its questions and the path of the selection."""
    answers = TypingTool("", tuple(questions), (), ()).answers(rows)
    columns = [coded(q, answers[q.feature]) for q in questions]
    n_folds = int(min(_FOLDS, np.bincount(position, minlength=k)[np.unique(position)].min()))
    folds = [(np.arange(len(position)), np.arange(len(position)))]
    if n_folds >= 2:
        folds = list(StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(position, position))
    alone = [_accuracy("naive Bayes", [of], position, folds, k) for of in columns]
    tried = [columns[i] for i in np.argsort(alone, kind="stable")[::-1][:_TRIED]]
    paths = {family: _path(family, tried, position, folds, k, limits[1]) for family in FAMILIES}
    table = pd.DataFrame(
        [(f, n, a) for f, path in paths.items() for n, (_, a) in enumerate(path, 1)],
        columns=["family", "questions", "accuracy"],
    )
    allowed = table[table.questions >= min(limits[0], table.questions.max())]
    best = allowed.accuracy.max()
    error = np.sqrt(best * (1 - best) / len(position))
    near = allowed[allowed.accuracy >= best - error]
    chosen = near.sort_values(["questions", "accuracy"], ascending=[True, False], kind="stable").index[0]
    family, n = table.family[chosen], int(table.questions[chosen])
    table["chosen"] = table.index == chosen
    return family, [of.question for of, _ in paths[family][:n]], table


def _path(
    family: str, columns: list[Coded], position: np.ndarray, folds: list, k: int, most: int
) -> list[tuple[Coded, float]]:
    """Add the question that raises the accuracy most, one after the other."""
    path: list[tuple[Coded, float]] = []
    left = list(columns)
    while left and len(path) < most:
        own = [of for of, _ in path]
        gains = [_accuracy(family, [*own, of], position, folds, k) for of in left]
        best = int(np.argmax(gains))
        path.append((left.pop(best), gains[best]))
    return path


def _accuracy(family: str, columns: list[Coded], position: np.ndarray, folds: list, k: int) -> float:
    """Return the share of customers who are assigned to their own segment, cross-validated."""
    rows = np.hstack([of.values for of in columns])
    right = 0
    for train, test in folds:
        right += int((_assigned(family, columns, rows, position, train, test, k) == position[test]).sum())
    return right / sum(len(test) for _, test in folds)


def _assigned(
    family: str,
    columns: list[Coded],
    rows: np.ndarray,
    position: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    k: int,
) -> np.ndarray:
    own = position[train]
    if family == "tree":
        return tree_of(rows[train], own, k).predict(rows[test])
    if family == "naive Bayes":
        sums = np.log(np.maximum(np.bincount(own, minlength=k), 0.5) / len(own)) + np.zeros((len(test), k))
        for of in columns:
            constant, linear, square = bayes(Coded(of.question, of.values[train]), own, k)
            values = of.values[test]
            sums += constant + (
                values @ linear if of.question.options else values * linear + values**2 * square
            )
        return sums.argmax(axis=1)
    make = logit if family == "multinomial logit" else linear_discriminant
    weights, intercepts = make(rows[train], own, k)
    return (rows[test] @ weights.T + intercepts).argmax(axis=1)


def typing_tables(chosen: Chosen | None) -> dict[str, pd.DataFrame]:
    """Return the tables `typing`, one row per segment, and `typing_questions`, one row per question."""
    if chosen is None:
        numbers = ("overall", "chance", "accuracy")
        columns = {"segment": "int64", "customers": "int64", **dict.fromkeys(numbers, "float64")}
        empty = pd.DataFrame({c: pd.Series(dtype=t) for c, t in columns.items()})
        none = pd.Series(dtype="string")
        return {
            "typing": empty.assign(family=none, questions=pd.Series(dtype="int64")),
            "typing_questions": pd.DataFrame(
                {"place": pd.Series(dtype="int64"), "feature": none, "answers": none}
            ),
        }
    tool = chosen.tool
    facts = {"family": tool.family, "questions": len(tool.questions)}
    asked = [
        (n, q.feature, ", ".join(q.options) if q.options else "") for n, q in enumerate(tool.questions, 1)
    ]
    return {
        "typing": chosen.accuracy.assign(overall=chosen.overall, chance=chosen.chance, **facts),
        "typing_questions": pd.DataFrame(asked, columns=["place", "feature", "answers"]),
    }
