"""What to offer, shaped for a reader."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.report import words
from seglib.report.context import Context
from seglib.report.readings.offers import MOST_NAMED, few, shown_lifts, shown_needs


def lifts(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Select what is bought significantly more often: two products and a category of each segment at most."""
    more = shown_lifts(table, terms)
    kept = more[more.groupby(["segment", "kind"]).cumcount() < more.kind.map(MOST_NAMED)]
    alone = kept.elsewhere == 0
    kept = kept.assign(
        lift=_digits(kept.lift.mask(alone)),
        lower=_digits(kept.lower),
        relative=_digits(kept.relative.mask(alone)),
        item=kept["item"].map(words.named),
    )
    return kept.sort_values("segment", kind="stable")


def _digits(numbers: pd.Series, n: int = 2) -> pd.Series:
    """Round to so many significant digits."""
    size = 10 ** np.floor(np.log10(numbers.where(numbers > 0)) - n + 1)
    return (numbers / size).round() * size


def channels(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Find the channel through which each segment orders most, and responds best: one row each."""
    made = pd.DataFrame({"segment": sorted(table.segment.unique())})
    for what in ("orders", "answers"):
        top = table[(table.what == what) & table.most & ~few(table.customers, terms)].set_index("segment")
        made[f"{what}_through"] = made.segment.map(top.channel.map(words.named).astype(object))
        made[what] = made.segment.map(top.share)
        made[f"{what}_behind"] = made.segment.map(top.behind)
    return made


def next_products(table: pd.DataFrame, terms: Context, most: int = 2) -> pd.DataFrame:
    """Select what segments are likely to buy next, so many products each."""
    top = table[table.place <= most]
    return top.assign(
        product=top["product"].map(words.named),
        goes_with=[words.named(g) if pd.notna(g) else None for g in top.goes_with],
    )


def hit_rates(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Put the methods side by side: one row per segment, with the largest gain over popularity."""
    last = table[table.length == table.length.max()]
    wide = last.pivot(index="segment", columns="method", values="rate").rename_axis(columns=None)
    behind = last.pivot(index="segment", columns="method", values="behind").rename_axis(columns=None)
    gains = last.dropna(subset="gain").sort_values("gain", ascending=False)
    gains = gains.drop_duplicates("segment").set_index("segment")
    hidden = behind.apply(few, terms=terms).any(axis=1)  # a gain and one rate reveal the other
    return (
        wide.join(behind.add_suffix(" behind"))
        .assign(
            customers=last.groupby("segment").customers.first(),
            gain=[_points(gains.loc[s]) if s in gains.index and not hidden[s] else None for s in wide.index],
            used=last[last.used].set_index("segment").method,
        )
        .reset_index()
    )


def _points(row: pd.Series) -> str:
    low, middle, high = (
        f"{100 * x:+.1f}".replace("-", "−") for x in (row.gain_lower, row.gain, row.gain_upper)
    )
    return f"{middle} ({low} to {high})"


def unmet(table: pd.DataFrame, terms: Context, most: int = 3) -> pd.DataFrame:
    """Select the needs that matter more than they are met, those with the largest gap of each segment."""
    missing = shown_needs(table, terms)
    top = missing[missing.groupby("segment").cumcount() < most]
    return top.assign(need=top.need.str.replace("_", " ").map(words.named))
