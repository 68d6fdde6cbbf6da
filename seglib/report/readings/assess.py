"""Sentences of page 04: what the segments are and bring."""

from __future__ import annotations

import pandas as pd

from seglib.report.words import listed, money, plural, share


def profiles(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Name what sets each segment apart, in a sentence per segment."""
    said = []
    for segment, name in names.items():
        loud = table[(table.segment == segment) & table.stands_out]
        loud = loud.loc[loud.distance.abs().sort_values(ascending=False).index].head(3)
        told = listed(f"{r.label.lower()} {r.distance:+.1f}" for r in loud.itertuples()) or "nothing"
        said.append(f"{name}: {told}.")
    return " ".join(said)


def protected(near: pd.DataFrame, names: dict[int, str], strict: bool = False) -> str:
    """Say which segments are nearly a protected group.

    Parameters
    ----------
    near
        From `protected.nearly_groups`.
    names
        Of the segments.
    strict
        Whether no share of a protected group may be said.
    """
    if near.empty:
        return "There is no protected attribute to compare the segments with."
    found = near[near.nearly]
    what = listed(dict.fromkeys(near.attribute))
    if found.empty:
        return f"No segment is nearly a protected group; compared by {what}."
    said = []
    for row in found.itertuples():
        if strict:
            how = f"by {row.attribute}"
        elif pd.notna(row.answer) and row.held >= row.overall:
            how = f"{row.label.lower()} {row.answer}: {share(row.held)} of it, {share(row.overall)} of all"
        else:
            how = f"{row.label.lower()} foretells who belongs to it: area under the curve {row.auc:.2f}"
        said.append(f"**{names[row.segment]}** ({how})")
    return (
        f"Nearly a protected group: {'; '.join(said)}. To treat such a segment differently is to treat the group "
        "differently: have it looked at before anything is done."
    )


def value(table: pd.DataFrame, apart: int, currency: str | None) -> list[str]:
    """Say who brings most, per segment and per customer, and who grows."""
    largest = table.loc[table.customers.idxmax()]
    said = [f"Largest is **{largest['name']}** with {share(largest.share)} of customers."]
    if "value_share" in table and table.value_share.isna().all():
        said.append("A segment gave back more than it brought, so shares of value mean nothing.")
    elif "value" in table:
        most, each = table.loc[table.value_share.idxmax()], table.loc[table.value_per_customer.idxmax()]
        said.append(
            f"Most value comes from **{most['name']}** ({share(most.value_share)}), most per customer "
            f"from {each['name']} ({money(each.value_per_customer, currency)})."
        )
    grown = table.dropna(subset="growth") if "growth" in table else table.head(0)
    if len(grown):
        best = grown.loc[grown.growth.idxmax()]
        since = (
            "half a year against the same half a year ago"
            if apart == 365
            else f"the last {apart} days against those before"
        )
        change = "grew" if best.growth >= 0 else "shrank"
        said.append(f"Over {since}, {best['name']} did best: it {change} by {share(abs(best.growth))}.")
    return said


def scorecard(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Say which segments fail what."""
    failed = table[~table.passed]
    if failed.empty:
        return f"All {plural(table.segment.nunique(), 'segment')} meet every criterion."
    said = [
        f"**{names[r.segment]}** is not {r.criterion}{' and cannot be a target' if r.knock_out else ''}"
        for r in failed.itertuples()
    ]
    return f"{'; '.join(said)}."
