"""Columns of customers that the section `implement` names, beside roles and bases."""

from __future__ import annotations

from collections.abc import Iterable

from seglib.errors import listing, nearest
from seglib.project.params import Params


def named_columns(params: Params) -> dict[str, str]:
    """List the columns of customers that the section `implement` names, by the key that names each."""
    terms = params.implement
    return {
        **{f"implement.consent.channels.{k}": c for k, c in terms.consent.channels.items()},
        **{f"implement.consent.purposes.{k}": c for k, c in terms.consent.purposes.items()},
        **{f"implement.addresses.{k}": c for k, c in terms.addresses.items()},
        **{f"implement.destinations.{e.to}": c for e in terms.destinations for c in e.columns.values()},
    }


def absent_columns(params: Params, there: Iterable[str]) -> list[str]:
    """List the columns that the section `implement` names and customers does not have: one line each."""
    known = list(there)
    return [
        f"{place} names '{column}', and customers has no such column; columns: {listing(known, 40)}."
        f"{nearest(column, known)}"
        for place, column in named_columns(params).items()
        if column not in known
    ]
