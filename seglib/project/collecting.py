"""What stage `collect` takes of a params file, as plain values."""

from __future__ import annotations

from seglib.collect.features import Settings
from seglib.collect.ledger import Terms
from seglib.project.params import Params

#: Keys of a source that say what becomes of its rows.
_OF_ROWS = {"rules", "ranges", "dates", "fresh_days", "cancelled_prefix", "customers", "timezone", "where"}


def roles(params: Params) -> dict[str, dict[str, str]]:
    """Give the columns by source and role."""
    return {kind: source.roles() for kind, source in params.sources.named().items()}


def terms(params: Params) -> dict[str, Terms]:
    """Give what the params say of the rows of each source."""
    answers = {column: level for column, level in params.levels.items() if isinstance(level, dict)}
    own = {"answers": answers, "allow": tuple(params.privacy.allow)}
    named = params.sources.named()
    said = {k: s.model_dump(include=_OF_ROWS, exclude_none=True) | own for k, s in named.items()}
    return {kind: Terms(**of_kind) for kind, of_kind in said.items()}


def settings(params: Params) -> Settings:
    """Give what features are derived under."""
    sections = params.model_dump(include={"scales", "needs", "branches", "labels"}, exclude_none=True)
    return Settings(
        as_of=params.as_of,
        currency=params.currency or "money",
        not_products=tuple(getattr(params.sources.transactions, "not_products", ())),
        min_cell=params.privacy.min_cell,
        allow=tuple(params.privacy.allow),
        **sections,
    )
