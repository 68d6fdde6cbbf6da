"""What a destination takes: its columns, limits, and what customers must have agreed to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The most that one file may hold; none where the documentation names no limit."""

    rows: int | None = None
    bytes: int | None = None
    columns: int | None = None


@dataclass(frozen=True)
class Audience:
    """The contacted customers of one campaign, with what a destination may need of them.

    Attributes
    ----------
    name
        Of the audience at the destination: the campaign, or a neutral code.
    people
        One row per customer: id, segment, segment_name, play, campaign, channel, gain, hooks where known, and the
        columns `address_KIND`, `country_code` (ISO, where known), `consent_PURPOSE` (yes, no, missing).
    columns
        Further columns of the source, by the destination's own name.
    """

    name: str
    people: pd.DataFrame
    columns: dict[str, str]


@dataclass(frozen=True)
class Destination:
    """One tool.

    Attributes
    ----------
    name, title
        In the params, and for a reader.
    kind
        crm (own systems) or advertising (another company's platform).
    rows
        Makes the rows of a file from an audience: texts, under the tool's headers, indexed as the people; without
        those whom the tool could not identify.
    limits
        Of one file.
    consents
        Purposes that customers must have agreed to; unknown is not yes.
    least
        Fewest rows that the tool makes use of.
    separator, header, bom
        How the file is written; always UTF-8.
    source
        Where these rules are documented.
    """

    name: str
    title: str
    kind: Literal["crm", "advertising"]
    rows: Callable[[Audience], pd.DataFrame]
    source: str
    limits: Limits = Limits()
    consents: tuple[str, ...] = ()
    least: int = 1
    separator: str = ","
    header: bool = True
    bom: bool = False
