"""The segmentation elsewhere: as SQL for eight databases, and for new customers in Python."""

from seglib.implement.scoring import likelihoods, rules  # noqa: F401  they register their models
from seglib.implement.scoring.accepted import accepted
from seglib.implement.scoring.dialects import TITLES
from seglib.implement.scoring.query import scoring_query
from seglib.implement.scoring.scored import score
from seglib.implement.scoring.stored import StoredSegmentation, stored_segmentation
from seglib.implement.scoring.written import scripts

__all__ = [
    "TITLES",
    "StoredSegmentation",
    "accepted",
    "score",
    "scoring_query",
    "scripts",
    "stored_segmentation",
]
