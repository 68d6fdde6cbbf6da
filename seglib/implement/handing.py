"""The hand-over: what whoever sends a campaign, and whoever measures it, must know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.implement.destinations import Destination
from seglib.implement.destinations.files import keep, written
from seglib.implement.vocabulary import TREATMENT


def handover(arms: pd.DataFrame, plays: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Put together what is handed over for each target; columns as the table `handover` declares."""
    texts = plays.set_index("segment")[["message", "offer", "timing", "measure"]]
    table = arms.join(texts, on="segment")
    owners = settings["owners"]
    table = table.assign(
        caps=[_caps(channel, settings["caps"]) for channel in table.channel],
        owner=owners["campaign"],
        measured_by=owners["measurement"],
    )
    columns = [
        *("segment", "campaign", "play", "message", "offer", "channel", "timing", "contacted", "held_out"),
        *("start", "until", "measure", "proof", "caps", "owner", "measured_by"),
    ]
    return table[columns]


#: Columns of the campaign file: roles of `sources.campaigns`, which reads it back as it is.
FILE = ("customer", "campaign", "time", "channel", "holdout", "responded", "cost", "revenue")


def campaign_file(
    rows: pd.DataFrame, campaigns: pd.DataFrame, settings: Mapping[str, Any], folder: Path | None
) -> int:
    """Write who is contacted and who is held out as a file that `sources.campaigns` reads back; count its rows.

    The columns `responded` and `revenue` are empty; whoever measures fills them in.
    """
    chosen = rows[rows.step == "selected"]
    held = (chosen.arm != TREATMENT) | chosen.universal
    cost = chosen.segment.map(campaigns.set_index("segment").cost).where(~held)
    table = pd.DataFrame(
        {
            "customer": chosen.id,
            "campaign": chosen.campaign,
            "time": settings["start"].isoformat(),
            "channel": chosen.channel,
            "holdout": held.map({True: "yes", False: "no"}),
            "responded": "",
            "cost": cost.astype("string"),
            "revenue": "",
        }
    ).sort_values(["campaign", "customer"], ignore_index=True)
    if folder is not None and len(table):
        for content, _ in written(table[list(FILE)], Destination("csv", "CSV", "crm", lambda a: table, "")):
            keep(folder / "campaigns.csv", content)
    return len(table)


def _caps(channel: str, caps: list[dict[str, Any]]) -> str:
    own = [cap for cap in caps if cap["channel"] in (None, channel)]
    return "; ".join(f"{c['contacts']} in {c['days']} days" for c in own)
