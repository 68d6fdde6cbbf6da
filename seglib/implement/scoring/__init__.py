"""The segmentation elsewhere: as SQL for eight databases, and for new customers in Python."""

from seglib.implement.scoring import likelihoods, rules  # noqa: F401  they register their models
from seglib.implement.scoring.accepted import accepted
from seglib.implement.scoring.dialects import TITLES
from seglib.implement.scoring.query import scoring_query
from seglib.implement.scoring.scored import score
from seglib.implement.scoring.source_features import feature_table, features_query
from seglib.implement.scoring.source_rows import SourceTables
from seglib.implement.scoring.stored import StoredSegmentation, stored_segmentation
from seglib.implement.scoring.written import feature_scripts, scripts

__all__ = [
    "TITLES",
    "SourceTables",
    "StoredSegmentation",
    "accepted",
    "feature_scripts",
    "feature_table",
    "features_query",
    "score",
    "scoring_query",
    "scripts",
    "stored_segmentation",
]
