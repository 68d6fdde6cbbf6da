"""What customers say in their own words: words of a segment, topics, and how content those are who raise them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy import sparse, stats

from seglib.assess.behaviour.movement import located
from seglib.assess.behaviour.satisfaction import latest
from seglib.assess.thresholds import LEAST_COMMENTS, MOST_WORDS, PRIOR_WORDS, SIGNIFICANT, TOPICS
from seglib.privacy.personal import masked
from seglib.privacy.personal.names import given_name
from seglib.statistics import Z

WORDS = ("segment", "word", "people", "commented", "share", "others", "log_odds", "z", "distinctive")
TOPIC = (
    *("topic", "words", "segment", "raised", "commented", "share"),
    *("mean", "mean_others", "difference", "low", "high", "item"),
)
#: Why nothing is said: there are no comments, or too few customers wrote one.
REASONS = ("no comments", "few")
_WORD = re.compile(r"[^\W\d_]{3,}(?:['’][^\W\d_]+)?")


@dataclass(frozen=True)
class Voice:
    """What customers say.

    Attributes
    ----------
    words
        The table `words`: one row per segment and word.
    topics
        The table `topics`: one row per topic and segment, and one per topic for all.
    commented
        Customers in a segment who wrote a comment.
    reason
        Why there is nothing, of `REASONS`; empty if there is something.
    """

    words: pd.DataFrame
    topics: pd.DataFrame
    commented: int = 0
    reason: str = ""


def voice(
    responses: ibis.Table | None, segments: ibis.Table, items: Mapping[str, str], fewest: int, seed: int = 0
) -> Voice:
    """Find what each segment says more often than the others, what all talk about, and who is content.

    No text is kept and none is quoted. Identifiers, numbers and given names are taken out before words are
    counted; each customer counts once per word, however often they write it.

    Parameters
    ----------
    responses
        One row per customer and item: customer, and comment where customers wrote one; or nothing.
    segments
        One row per customer: customer, segment.
    items
        By question, recommend or satisfaction: the item (`satisfaction.asked`).
    fewest
        Customers who must use a word for it to be counted at all.
    seed
        Of the topics.
    """
    nothing = pd.DataFrame(columns=list(WORDS)), pd.DataFrame(columns=list(TOPIC))
    if responses is None or "comment" not in responses.columns:
        return Voice(*nothing, reason="no comments")
    written = located(responses.filter(_.comment.notnull()).select("customer", "comment"), segments)
    said = _said(written.to_pandas())
    if len(said) < max(LEAST_COMMENTS, fewest):
        return Voice(*nothing, len(said), "few" if len(said) else "no comments")
    counts, vocabulary = _counted(said.text, fewest)
    if counts.shape[1] < 2:
        return Voice(*nothing, len(said), "few")
    item = items.get("satisfaction") or items.get("recommend")
    content = _content(responses, item, said.customer)
    words = distinctive(counts, vocabulary, said.segment.to_numpy())
    return Voice(words, _topics(counts, vocabulary, said.segment.to_numpy(), content, item, seed), len(said))


def _said(written: pd.DataFrame) -> pd.DataFrame:
    """Join what each customer wrote, masked: one row per customer with a word, by number."""
    texts = written.assign(text=written.comment.astype(str).map(masked)).sort_values(["customer", "text"])
    said = texts.groupby(["customer", "segment"]).text.agg(" ".join).reset_index()
    return said[said.text.str.contains(_WORD)].reset_index(drop=True)


def _counted(texts: pd.Series, fewest: int) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Count who uses which word: one row per customer, one column per word of enough of them, 0 or 1."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    def tokens(text: str) -> list[str]:
        found = _WORD.findall(text.casefold())
        return [w for w in found if w not in ENGLISH_STOP_WORDS and not given_name(w)]

    maker = CountVectorizer(analyzer=tokens, binary=True, min_df=max(fewest, 2), max_features=MOST_WORDS)
    try:
        counts = maker.fit_transform(texts)
    except ValueError:  # no word is used by enough customers
        return sparse.csr_matrix((len(texts), 0)), np.array([], dtype=object)
    return counts.astype(float), maker.get_feature_names_out()


def distinctive(counts: sparse.csr_matrix, vocabulary: np.ndarray, segments: np.ndarray) -> pd.DataFrame:
    """Compare how often each segment uses a word with how often the others do.

    Log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn, 2008, Political Analysis
    16(4), section 3.5): the prior of a word is its share of all words, worth `PRIOR_WORDS` words. A word is
    distinctive if z passes the normal bound, divided by all words and segments that are compared.

    Parameters
    ----------
    counts
        One row per customer, one column per word: 1 where they use it.
    vocabulary
        The words.
    segments
        The segment of each customer.

    Returns
    -------
    pandas.DataFrame
        The table `words`, the most distinctive of each segment first.
    """
    known = np.unique(segments)
    total = np.asarray(counts.sum(axis=0)).ravel()
    prior = PRIOR_WORDS * total / total.sum()
    bound = stats.norm.isf(SIGNIFICANT / 2 / (len(known) * len(vocabulary)))
    parts = []
    for segment in known:
        inside = segments == segment
        own = np.asarray(counts[inside].sum(axis=0)).ravel()
        rest = total - own
        odds = [np.log((y + prior) / (y.sum() + PRIOR_WORDS - y - prior)) for y in (own, rest)]
        z = (odds[0] - odds[1]) / np.sqrt(1 / (own + prior) + 1 / (rest + prior))
        others = rest / max((~inside).sum(), 1)
        columns = {"segment": int(segment), "word": vocabulary, "people": own, "commented": int(inside.sum())}
        columns |= {"share": own / inside.sum(), "others": others, "log_odds": odds[0] - odds[1], "z": z}
        parts.append(pd.DataFrame(columns | {"distinctive": (z > bound) & (len(known) > 1)}))
    table = pd.concat(parts).sort_values(["segment", "z", "word"], ascending=[True, False, True])
    return table.reset_index(drop=True)[list(WORDS)]


def _content(responses: ibis.Table, item: str | None, customers: pd.Series) -> np.ndarray:
    """Look up how content each customer is, by their last answer; missing where that is not known."""
    if item is None:
        return np.full(len(customers), np.nan)
    scores = latest(responses.filter(responses.item == item)).to_pandas().set_index("customer").score
    return customers.map(scores).to_numpy(float)


def _topics(
    counts: sparse.csr_matrix,
    vocabulary: np.ndarray,
    segments: np.ndarray,
    content: np.ndarray,
    item: str | None,
    seed: int,
) -> pd.DataFrame:
    """Find topics by non-negative matrix factorisation of tf-idf (Lee and Seung, 1999), and who raises them."""
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfTransformer

    weighed = TfidfTransformer().fit_transform(counts)
    model = NMF(min(TOPICS, len(vocabulary) - 1), init="nndsvda", random_state=seed, max_iter=400)
    weights = model.fit_transform(weighed) * np.linalg.norm(model.components_, axis=1)
    raised = (weights == weights.max(axis=1, keepdims=True)) & (weights > 0)
    rows = []
    for topic in range(weights.shape[1]):
        first = np.argsort(-model.components_[topic], kind="stable")[:4]
        first = first[model.components_[topic][first] > 0]
        words = ", ".join(vocabulary[first])
        own = raised[:, topic] & (np.asarray(counts[:, first].sum(axis=1)).ravel() > 0)
        about = {"topic": topic + 1, "words": words}
        rows.append(about | {"segment": np.nan, "item": item} | _raised(own) | _contrast(content, own))
        rows += [about | {"segment": s} | _raised(own[segments == s]) for s in np.unique(segments)]
    return pd.DataFrame(rows).reindex(columns=list(TOPIC))


def _raised(own: np.ndarray) -> dict[str, float]:
    return {"raised": int(own.sum()), "commented": len(own), "share": float(own.mean())}


def _contrast(content: np.ndarray, own: np.ndarray) -> dict[str, float]:
    """Compare the satisfaction of those who raise a topic with that of the others (Welch, 1947)."""
    inside, outside = (content[side & ~np.isnan(content)] for side in (own, ~own))
    if min(len(inside), len(outside)) < 2:
        return {}
    difference = float(inside.mean() - outside.mean())
    half = Z * float(np.sqrt(inside.var(ddof=1) / len(inside) + outside.var(ddof=1) / len(outside)))
    means = {"mean": float(inside.mean()), "mean_others": float(outside.mean())}
    return means | {"difference": difference, "low": difference - half, "high": difference + half}
