"""Rankers: from what customers bought to an order of what they have not bought."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

POPULAR, ITEM_ITEM, LEAST_SQUARES = "most popular", "item-item BM25", "alternating least squares"
#: Neighbours of a product; factors and their ridge. Twice the factors name more of Online Retail as a whole (39 for 37
#: in 100), no more inside its segments, and less of the demo.
_NEIGHBOURS, _FACTORS, _RIDGE = 100, 32, 0.05
#: Customers scored at a time.
_CHUNK = 1_000
#: What a place among the most bought counts, so that of two equal scores the first is taken.
_TIE = 1e-9
#: From customers by products to their scores.
Score = Callable[[sparse.csr_matrix], np.ndarray]


def popularity(bought: sparse.csr_matrix) -> Score:
    """Score products by their buyers, the same for all customers."""
    buyers = np.asarray(bought.sum(axis=0), dtype="float64").ravel()
    return lambda rows: np.tile(buyers, (rows.shape[0], 1))


def similarity(bought: sparse.csr_matrix) -> sparse.csr_matrix:
    """Measure how much the buyers of two products are the same: their cosine; 0 of a product with itself.

    Item-based top-N recommendation (Deshpande and Karypis, 2004, ACM TOIS 22(1), section 4.1): each
    customer has unit length first, because who buys much of everything says little about any two products.
    """
    columns = normalize(normalize(bought, axis=1), axis=0)
    alike = columns.T @ columns
    return (alike - sparse.diags(alike.diagonal())).tocsr()


def item_item(bought: sparse.csr_matrix) -> Score:
    """Score products by how alike their buyers are to those of what the customer bought (weighted by BM25)."""
    from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight

    model = ItemItemRecommender(K=_NEIGHBOURS, num_threads=1)
    model.fit(bm25_weight(bought.T.astype("float64"), K1=1.2, B=0.75).T.tocsr(), show_progress=False)
    return lambda rows: np.asarray((rows.astype("float64") @ model.similarity).todense())


def least_squares(bought: sparse.csr_matrix) -> Score:
    """Score products by factors of customers and products (Hu, Koren and Volinsky, 2008, section 4)."""
    from implicit.cpu.als import AlternatingLeastSquares

    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=_FACTORS, regularization=_RIDGE, random_state=0, num_threads=1
        )
        model.fit(bought.astype("float32"), show_progress=False)

    def score(rows: sparse.csr_matrix) -> np.ndarray:
        with threadpool_limits(1, "blas"):
            own = model.recalculate_user(np.arange(rows.shape[0]), rows.astype("float32"))
            return np.asarray(own @ model.item_factors.T, dtype="float64")

    return score


#: What is compared; each is given the customers by products of a segment.
METHODS: dict[str, Callable[[sparse.csr_matrix], Score]] = {
    POPULAR: popularity,
    ITEM_ITEM: item_item,
    LEAST_SQUARES: least_squares,
}


def ranked(score: Score, bought: sparse.csr_matrix, length: int) -> np.ndarray:
    """List for each customer the products with the highest scores that they have not bought.

    Parameters
    ----------
    score
        From customers by products to their scores.
    bought
        Customers by products, those with most buyers first: of two equal scores the first is taken.
    length
        Of a list.

    Returns
    -------
    numpy.ndarray
        Customers by places: the product's column, or -1 where there is no other product.
    """
    length = min(length, bought.shape[1])
    lists = []
    for start in range(0, bought.shape[0], _CHUNK):
        rows = bought[start : start + _CHUNK]
        scores = score(rows) - _TIE * np.arange(bought.shape[1])
        scores[rows.nonzero()] = -np.inf
        first = np.argpartition(-scores, length - 1, axis=1)[:, :length]
        highest = np.take_along_axis(scores, first, axis=1)
        order = np.argsort(-highest, axis=1)
        ended = np.isinf(np.take_along_axis(highest, order, axis=1))
        lists.append(np.where(ended, -1, np.take_along_axis(first, order, axis=1)))
    return np.vstack(lists) if lists else np.empty((0, length), dtype=int)
