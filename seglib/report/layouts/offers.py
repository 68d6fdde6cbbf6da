"""What to offer, shaped for a reader."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.report import words


def bought_more(lifts: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape what segments surely buy more than others: two products and a category at the most each."""
    sure = lifts[lifts.more]
    most = {"product": 2, "category": 1}
    kept = sure[sure.groupby(["segment", "kind"]).cumcount() < sure.kind.map(most)]
    made = kept[["segment", "kind", "item", "share", "other_share", "lift", "lower", "relative"]]
    alone = made.other_share == 0
    made = made.assign(
        lift=_digits(made.lift.mask(alone)),
        lower=_digits(made.lower),
        relative=_digits(made.relative.mask(alone)),
    ).sort_values("segment", kind="stable")
    return made.assign(segment=made.segment.map(names), item=made["item"].map(words.named))


def _digits(numbers: pd.Series, n: int = 2) -> pd.Series:
    """Round to so many digits that tell something."""
    size = 10 ** np.floor(np.log10(numbers.where(numbers > 0)) - n + 1)
    return (numbers / size).round() * size


def occasions(channels: pd.DataFrame, discounts: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape through which channel segments order and answer, and at what discount: one row each."""
    made = pd.DataFrame({"segment": sorted({*channels.segment, *discounts.segment})})
    for what in ("orders", "answers"):
        top = channels[(channels.what == what) & channels.most].set_index("segment")
        made[f"{what}_through"] = made.segment.map(top.channel.map(words.named).astype(object))
        made[what] = made.segment.map(top.share)
        made[f"{what}_behind"] = made.segment.map(top.behind)
    own = discounts.set_index("segment")
    made = made.assign(
        discounted=made.segment.map(own.share),
        rate=made.segment.map(own.rate),
        discounted_behind=made.segment.map(own.behind),
    )
    return made.assign(segment=made.segment.map(names)).dropna(axis=1, how="all")


def next_products(table: pd.DataFrame, names: dict[int, str], most: int = 2) -> pd.DataFrame:
    """Shape what segments are likely to buy next, so many products each."""
    made = table[table.place <= most]
    made = made.assign(
        segment=made.segment.map(names),
        product=made["product"].map(words.named),
        goes_with=[words.named(g) if pd.notna(g) else None for g in made.goes_with],
    )
    return made[["segment", "product", "share", "goes_with", "together"]].dropna(axis=1, how="all")


def hit_rates(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape how often the lists name a new product of the next order: one row per segment, a column per method."""
    last = table[table.length == table.length.max()]
    made = last.pivot(index="segment", columns="method", values="rate").rename_axis(columns=None)
    others = last.dropna(subset="gain").sort_values("gain", ascending=False)
    others = others.drop_duplicates("segment").set_index("segment")
    made["gain"] = [_points(others.loc[s]) if s in others.index else None for s in made.index]
    made["used"] = last[last.used].set_index("segment").method
    made.insert(0, "customers", last.groupby("segment").customers.first())
    made.insert(0, "name", [names[s] for s in made.index])
    return made.reset_index(drop=True)


def _points(row: pd.Series) -> str:
    low, middle, high = (
        f"{100 * x:+.1f}".replace("-", "−") for x in (row.gain_lower, row.gain, row.gain_upper)
    )
    return f"{middle} ({low} to {high})"


def unmet(table: pd.DataFrame, names: dict[int, str], most: int = 3) -> pd.DataFrame:
    """Shape the needs that matter more than they are met, the largest gaps of each segment."""
    known = table[table.missing & table.gap.notna()]
    made = known[known.groupby("segment").cumcount() < most]
    made = made.assign(segment=made.segment.map(names), need=made.need.str.replace("_", " ").map(words.named))
    return made[["segment", "need", "importance", "met", "gap", "lower", "unmet"]]
