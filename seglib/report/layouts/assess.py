"""Tables of page 04 on who the segments are, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.report.words import share
from seglib.vocabulary import is_currency, money


def named(table: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Shape the names of segments, own ones beside the generated ones where there are some; features by label."""
    empty = [
        c for c in ("given_name", "because", "name_stability") if table[c].replace("", None).isna().all()
    ]
    spoken = [
        ", ".join(_labelled(trait, labels) for trait in told.split(", ")) for told in table.because.fillna("")
    ]
    return table.assign(because=spoken)[["given_name", "name", "because", "name_stability"]].drop(
        columns=empty
    )


def _labelled(trait: str, labels: dict[str, str]) -> str:
    feature, told, answer = trait.partition(": ")
    return f"{labels.get(feature, feature)}{told}{answer}"


def portraits(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape the portraits: an own name with the generated one behind it."""
    both = table.given_name + " (" + table["name"].astype("string") + ")"
    shown = both.fillna(table.segment.map(names).astype("string"))
    return table[["portrait", "typical"]].assign(name=shown)[["name", "portrait", "typical"]]


def besides(profile: pd.DataFrame, names: dict[int, str], most: int = 30) -> pd.DataFrame:
    """Shape the descriptors that stand out: segment, descriptor, typical here and of all."""
    listed = profile.loc[profile.distance.abs().sort_values(ascending=False).index].head(most)
    listed = listed.sort_values("segment", kind="stable")

    def written(r: pd.Series, column: str) -> str:
        if pd.notna(r.answer) or r.unit == "share":
            return share(r[column])
        if is_currency(r.unit):
            return money(r[column], r.unit)
        return f"{r[column]:,.1f}".removesuffix(".0") + (f" {r.unit}" if r.unit else "")

    return pd.DataFrame(
        {
            "segment": [names[s] for s in listed.segment],
            "descriptor": listed.label,
            "typical": [written(r, "typical") for _, r in listed.iterrows()],
            "overall": [written(r, "overall") for _, r in listed.iterrows()],
            "distance": listed.distance,
        }
    )


def protected(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape what protected attributes say of each segment; numbers alone have no answers to show."""
    made = table.assign(
        segment=table.segment.map(names), attribute=table.label, answer=table.answer.astype(object)
    )
    made = made[["segment", "attribute", "answer", "held", "overall", "auc", "nearly"]]
    return made if made.held.notna().any() else made.drop(columns=["answer", "held", "overall"])


def value(table: pd.DataFrame) -> pd.DataFrame:
    """Shape size and value by segment."""
    columns = [
        "name",
        "customers",
        "share",
        "value",
        "value_share",
        "value_per_customer",
        "growth",
        "at_risk",
    ]
    return table[[c for c in columns if c in table]]
