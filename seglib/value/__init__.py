"""What customers will still bring: histories, models of buying and spending, futures, calibration, survival."""

from seglib.value.assumptions import MODELS, Assumptions, priors
from seglib.value.calibration import calibration, miss, split_days
from seglib.value.expectations import expected
from seglib.value.fits import Fitted, fit
from seglib.value.histories import happened, histories, kept_share, too_little
from seglib.value.lifetimes import brought, by_segment, lifetime, refused, widened
from seglib.value.outlook import Outlook, outlook
from seglib.value.survival import spells, survival
from seglib.value.then import segments_then, tables_then

__all__ = [
    "MODELS", "Assumptions", "Fitted", "Outlook", "brought", "by_segment", "calibration", "expected", "fit", "happened",
    "histories", "kept_share", "lifetime", "miss", "outlook", "priors", "refused", "segments_then", "spells",
    "split_days", "survival", "tables_then", "too_little", "widened",
]  # fmt: skip
