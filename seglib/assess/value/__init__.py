"""Lifetime value: histories, models of buying and spending, predictions, calibration, survival."""

from seglib.assess.value.assumptions import MODELS, Assumptions
from seglib.assess.value.calibration import HeldBack, calibration, held_back, miss, split_days
from seglib.assess.value.expectations import expected
from seglib.assess.value.fits import Fitted, fit
from seglib.assess.value.histories import happened, histories, kept_share, too_little
from seglib.assess.value.lifetimes import brought, by_segment, lifetime, refused, widened
from seglib.assess.value.outlook import Outlook, Records, outlook, records
from seglib.assess.value.survival import spells, survival
from seglib.assess.value.then import EarlierSegments, tables_then

__all__ = [
    "MODELS",
    "Assumptions",
    "EarlierSegments",
    "Fitted",
    "HeldBack",
    "Outlook",
    "Records",
    "brought",
    "by_segment",
    "calibration",
    "expected",
    "fit",
    "happened",
    "held_back",
    "histories",
    "kept_share",
    "lifetime",
    "miss",
    "outlook",
    "records",
    "refused",
    "spells",
    "split_days",
    "survival",
    "tables_then",
    "too_little",
    "widened",
]
