"""The typing tool: a few questions, and what each answer says for each segment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    feature, label
        What is asked for.
    options
        The answers that can be chosen; empty where a number is asked for.
    usual
        What is assumed where there is no answer: the median, or the most frequent option.
    other
        What is assumed of an answer that is no option.
    log
        Whether the logarithm of one plus the number is taken, of 0 where it is negative.
    linear, square
        Per segment the weight of the number and of its square; empty for a choice.
    weights
        Per option the weight for each segment; empty for a number.
    """

    feature: str
    label: str
    options: tuple[str, ...] = ()
    usual: Any = 0.0
    other: str = ""
    log: bool = False
    linear: tuple[float, ...] = ()
    square: tuple[float, ...] = ()
    weights: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Node:
    """A node of a tree: a question with two ways on, or a segment.

    Attributes
    ----------
    feature
        What is asked for; empty in a leaf.
    at_most, option
        The way on is `yes` if the number is at most this, or the answer is this option.
    yes, no
        Positions of the next nodes.
    segment
        Position of the segment, in a leaf.
    """

    feature: str = ""
    at_most: float | None = None
    option: str = ""
    yes: int = -1
    no: int = -1
    segment: int = -1


@dataclass(frozen=True)
class TypingTool:
    """A few questions that assign a newcomer to a segment.

    Attributes
    ----------
    family
        multinomial logit, linear discriminant analysis, naive Bayes or tree.
    questions
        In the order in which they were chosen.
    segments, names
        The segments' numbers in the run, and their names.
    intercept
        Per segment what is said before any answer; of three families the segment with the largest sum of it
        and the weights of the answers is taken, the first of several.
    nodes
        Of a tree, the root first.
    """

    family: str
    questions: tuple[Question, ...]
    segments: tuple[int, ...]
    names: tuple[str, ...]
    intercept: tuple[float, ...] = ()
    nodes: tuple[Node, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as they are written to JSON."""
        return asdict(self)

    def answers(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the answers as they are taken: missing ones as usual, options that are not there as others."""
        return pd.DataFrame(
            {q.feature: _answer(q, rows[q.feature]) for q in self.questions}, index=rows.index
        )

    def assign(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the segment of each newcomer, by its number in the run."""
        answers = self.answers(rows)
        if self.nodes:
            return np.array(self.segments)[self._leaves(answers)]
        return np.array(self.segments)[self.scores(answers).argmax(axis=1)]

    def scores(self, answers: pd.DataFrame) -> np.ndarray:
        """Add up what answers say for each segment: one row per newcomer, one column per segment."""
        sums = np.tile(np.array(self.intercept), (len(answers), 1))
        for question in self.questions:
            values = answers[question.feature]
            if question.options:
                codes = pd.Categorical(values, categories=question.options).codes
                sums += np.array(question.weights)[codes]
            else:
                number = _scaled(question, values.to_numpy("float64"))[:, None]
                sums += np.array(question.linear) * number + np.array(question.square) * number**2
        return sums

    def _leaves(self, answers: pd.DataFrame) -> np.ndarray:
        at = np.zeros(len(answers), dtype=int)
        moving = True
        while moving:
            moving = False
            for place, node in enumerate(self.nodes):
                here = at == place
                if not node.feature or not here.any():
                    continue
                values = answers[node.feature]
                yes = values == node.option if node.option else values.astype("float64") <= node.at_most
                at = np.where(here, np.where(yes.to_numpy(), node.yes, node.no), at)
                moving = True
        return np.array([node.segment for node in self.nodes])[at]


def _scaled(question: Question, numbers: np.ndarray) -> np.ndarray:
    return np.log1p(np.maximum(numbers, 0)) if question.log else numbers


def _answer(question: Question, column: pd.Series) -> pd.Series:
    if not question.options:
        numbers = column.astype("float64")
        return numbers.where(np.isfinite(numbers), question.usual)
    texts = column.astype("string").replace("", pd.NA)
    texts = texts.where(texts.isna() | texts.isin(question.options), question.other)
    return texts.fillna(question.usual).astype("object")
