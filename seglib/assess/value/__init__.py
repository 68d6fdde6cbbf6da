"""What customers will still bring: histories, models of buying and spending, futures, calibration, survival."""

from seglib.assess.value.assumptions import MODELS, Assumptions, priors
from seglib.assess.value.calibration import calibration, miss, split_days
from seglib.assess.value.expectations import expected
from seglib.assess.value.fits import Fitted, fit
from seglib.assess.value.histories import happened, histories, kept_share, too_little
from seglib.assess.value.lifetimes import brought, by_segment, lifetime, refused, widened
from seglib.assess.value.outlook import Outlook, outlook
from seglib.assess.value.survival import spells, survival
from seglib.assess.value.then import segments_then, tables_then

__all__ = [
    "MODELS",
    "Assumptions",
    "Fitted",
    "Outlook",
    "brought",
    "by_segment",
    "calibration",
    "expected",
    "fit",
    "happened",
    "histories",
    "kept_share",
    "lifetime",
    "miss",
    "outlook",
    "priors",
    "refused",
    "segments_then",
    "spells",
    "split_days",
    "survival",
    "tables_then",
    "too_little",
    "widened",
]
