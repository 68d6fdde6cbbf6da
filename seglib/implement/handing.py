"""The hand-over: what whoever sends a campaign, and whoever measures it, must know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


def handover(arms: pd.DataFrame, plays: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Put together what is handed over for each target; columns as the table `handover` declares."""
    texts = plays.set_index("segment")[["message", "offer", "timing", "measure"]]
    table = arms.drop(columns="measure").join(texts, on="segment")
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


def _caps(channel: str, caps: list[dict[str, Any]]) -> str:
    own = [cap for cap in caps if cap["channel"] in (None, channel)]
    return "; ".join(f"{c['contacts']} in {c['days']} days" for c in own)
