"""Four families of classifiers, fitted to answers and written as weights of a typing tool."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from seglib.implement.typing.tool import Node, Question, TypingTool, _scaled

FAMILIES = ("multinomial logit", "linear discriminant analysis", "naive Bayes", "tree")
#: Digits of a weight that are kept: all forms of the tool compute with the same numbers.
_DIGITS = 9


@dataclass(frozen=True)
class Coded:
    """Answers to one question: a column of numbers, or one of zeros and ones per option."""

    question: Question
    values: np.ndarray
    center: float = 0.0
    scale: float = 1.0


def coded(question: Question, answers: pd.Series) -> Coded:
    """Write answers as numbers."""
    if question.options:
        codes = pd.Categorical(answers, categories=question.options).codes
        return Coded(question, np.eye(len(question.options))[codes])
    numbers = _scaled(question, answers.to_numpy("float64"))
    center, scale = float(numbers.mean()), float(numbers.std()) or 1.0
    return Coded(question, ((numbers - center) / scale)[:, None], center, scale)


def linear_discriminant(rows: np.ndarray, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Fit linear discriminant analysis; return weights (k, columns) and intercepts."""
    sizes = np.bincount(labels, minlength=k)
    means = np.array([rows[labels == c].mean(axis=0) if sizes[c] else rows.mean(axis=0) for c in range(k)])
    away = rows - means[labels]
    pooled = away.T @ away / len(rows) + 1e-3 * np.eye(rows.shape[1])
    weights = np.linalg.solve(pooled, means.T).T
    shares = np.log(np.maximum(sizes, 0.5) / len(rows))
    return weights, shares - 0.5 * (weights * means).sum(axis=1)


def logit(rows: np.ndarray, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Fit a multinomial logit; return weights (k, columns) and intercepts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=10.0, max_iter=200).fit(rows, labels)
    weights, intercepts = np.zeros((k, rows.shape[1])), np.full(k, -1e3)
    coef, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coef, intercept = np.vstack([-coef, coef]) / 2, np.array([-intercept[0], intercept[0]]) / 2
    weights[model.classes_], intercepts[model.classes_] = coef, intercept
    return weights, intercepts


def bayes(of: Coded, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a column of naive Bayes; return constant, linear and square weights per segment, or those of options."""
    if of.question.options:
        counts = np.array([of.values[labels == c].sum(axis=0) for c in range(k)]) + 1.0
        return np.zeros(k), np.log(counts / counts.sum(axis=1, keepdims=True)).T, np.zeros(k)
    column = of.values[:, 0]
    sizes = np.maximum(np.bincount(labels, minlength=k), 1)
    means = np.bincount(labels, column, minlength=k) / sizes
    spread = np.bincount(labels, (column - means[labels]) ** 2, minlength=k) / sizes + 1e-2
    constant = -0.5 * np.log(2 * np.pi * spread) - means**2 / (2 * spread)
    return constant, means / spread, -1 / (2 * spread)


def fit(
    family: str, columns: Sequence[Coded], labels: np.ndarray, segments: Sequence[int], names: Sequence[str]
) -> TypingTool:
    """Fit a family to answers.

    Parameters
    ----------
    family
        One of `FAMILIES`.
    columns
        Answers, one entry per question.
    labels
        Position of each customer's segment.
    segments, names
        The segments.
    """
    k, chosen = len(segments), tuple(int(s) for s in segments)
    if family == "tree":
        return _tree(columns, labels, chosen, tuple(names))
    if family == "naive Bayes":
        parts = [bayes(of, labels, k) for of in columns]
        shares = np.maximum(np.bincount(labels, minlength=k), 0.5) / len(labels)
        intercept = np.log(shares) + sum(part[0] for part in parts)
        questions = []
        for of, (_, linear, square) in zip(columns, parts, strict=True):
            question, constant = _weighed(of, linear, square)
            questions.append(question)
            intercept = intercept + constant
    else:
        rows = np.hstack([of.values for of in columns])
        make = logit if family == "multinomial logit" else linear_discriminant
        weights, intercept = make(rows, labels, k)
        questions, at = [], 0
        for of in columns:
            own = weights[:, at : at + of.values.shape[1]]
            at += of.values.shape[1]
            linear = own.T if of.question.options else own[:, 0]
            question, constant = _weighed(of, linear, np.zeros(k))
            questions.append(question)
            intercept = intercept + constant
    return TypingTool(family, tuple(questions), chosen, tuple(names), _kept(intercept))


def _weighed(of: Coded, linear: np.ndarray, square: np.ndarray) -> tuple[Question, np.ndarray]:
    """Write weights in the question's own units; return what is added to the intercept too."""
    if of.question.options:
        return replace(of.question, weights=tuple(_kept(row) for row in linear)), np.zeros(linear.shape[1])
    b, c = linear / of.scale, square / of.scale**2
    shifted = b - 2 * c * of.center
    return replace(of.question, linear=_kept(shifted), square=_kept(c)), c * of.center**2 - b * of.center


def _kept(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{v:.{_DIGITS}g}") for v in values)


def tree_of(rows: np.ndarray, labels: np.ndarray, k: int) -> DecisionTreeClassifier:
    """Fit a small tree."""
    least = max(5, len(rows) // 100)
    return DecisionTreeClassifier(max_leaf_nodes=4 * k, min_samples_leaf=least, random_state=0).fit(
        rows, labels
    )


def _tree(
    columns: Sequence[Coded], labels: np.ndarray, segments: tuple[int, ...], names: tuple[str, ...]
) -> TypingTool:
    rows = np.hstack([of.values for of in columns])
    model = tree_of(rows, labels, len(segments))
    where: list[tuple[Coded, int]] = [(of, i) for of in columns for i in range(of.values.shape[1])]
    nodes, own = [], model.tree_
    for n in range(own.node_count):
        if own.children_left[n] < 0:
            nodes.append(Node(segment=int(model.classes_[own.value[n][0].argmax()])))
            continue
        of, option = where[own.feature[n]]
        left, right = int(own.children_left[n]), int(own.children_right[n])
        if of.question.options:  # more than a half is the option
            nodes.append(Node(of.question.feature, option=of.question.options[option], yes=right, no=left))
        else:
            nodes.append(Node(of.question.feature, _threshold(of, own.threshold[n]), yes=left, no=right))
    return TypingTool("tree", tuple(of.question for of in columns), segments, names, nodes=tuple(nodes))


def _threshold(of: Coded, scaled: float) -> float:
    value: Any = scaled * of.scale + of.center
    value = np.expm1(value) if of.question.log else value
    return float(f"{value:.{_DIGITS}g}")
