"""Purchase-cycle features."""

from __future__ import annotations

import ibis

from seglib.features.catalogue import Feature
from seglib.features.derived import Derived, Settings

FEATURES: tuple[Feature, ...] = ()


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    return Derived()
