"""Sentences of page 04: what the segments are and bring."""

from __future__ import annotations

import pandas as pd

from seglib.assess.contrasts import ALPHA
from seglib.assess.scorecard import removed
from seglib.report.words import capital, count, listed, money, plural, share
from seglib.vocabulary import uncapitalised


def profiles(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Name what sets each segment apart, in a sentence per segment."""
    said = []
    for segment, name in names.items():
        loud = table[(table.segment == segment) & table.stands_out]
        loud = loud.loc[loud.distance.abs().sort_values(ascending=False).index].head(3)
        told = listed(f"{uncapitalised(r.label)} {r.distance:+.1f}" for r in loud.itertuples()) or "nothing"
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
            how = f"{uncapitalised(row.label)} {row.answer}: {share(row.held)} of it, {share(row.overall)} of all"
        else:
            how = (
                f"{uncapitalised(row.label)} foretells who belongs to it: area under the curve {row.auc:.2f}"
            )
        said.append(f"**{names[row.segment]}** ({how})")
    return (
        f"Nearly a protected group: {'; '.join(said)}. To treat such a segment differently is to treat the group "
        "differently: have it looked at before anything is done."
    )


def value(table: pd.DataFrame, currency: str | None) -> list[str]:
    """Say who brings most, per segment and per customer."""
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
    return said


def differences(table: pd.DataFrame, labels: pd.Series) -> list[str]:
    """Say in what the segments differ: by more than a trifle, by a trifle, and not to be told.

    Parameters
    ----------
    table
        From `contrasts.contrasts`.
    labels
        By feature.
    """
    if table.empty or table.compared.max() < 2:
        return ["There are no two segments to compare."]
    named = table.feature.map(labels).map(uncapitalised)
    ranked = table.assign(label=named).sort_values(["effect", "feature"], ascending=[False, True])
    formed, besides = ranked[ranked.formed & ranked.matters], ranked[~ranked.formed & (ranked.why == "")]
    said = (
        [f"By what formed them the segments differ most in {_sized(formed.head(3))}."] if len(formed) else []
    )
    if len(besides):
        return said + _besides(besides)
    return [
        *said,
        "Nothing else is known of customers in which segments could differ: columns that only describe "
        "them, such as where they live, would tell how to find and address them.",
    ]


def _besides(tested: pd.DataFrame) -> list[str]:
    """Say which features that did not form the segments matter, and which are trifles or chance."""
    matters, sure = tested[tested.matters], tested[~tested.matters & (tested.p_adjusted < ALPHA)]
    of, rest = plural(len(tested), "feature"), len(tested) - len(matters) - len(sure)
    most = "most of all " if len(matters) > 5 else ""
    said = [
        f"Of {of} that did not form them {count(len(matters))} matter{'s' if len(matters) == 1 else ''}: "
        f"{most}{_sized(matters.head(5))}."
        if len(matters)
        else f"None of the {of} that did not form them tells them apart by more than a trifle."
    ]
    if len(sure):
        said.append(f"In {listed(sure.label.head(5))} they differ surely, but by a trifle.")
    return said + ([f"In {count(rest)} of them no difference can be told from chance."] if rest else [])


def _sized(rows: pd.DataFrame) -> str:
    return listed(f"{label} ({size})" for label, size in zip(rows.label, rows["size"], strict=True))


def scorecard(table: pd.DataFrame, names: dict[int, str]) -> list[str]:
    """Say which segments are removed from targeting and why, what warns, and what was not measured."""
    out = removed(table)
    said = [f"**{names[segment]}** is removed from targeting: {why}." for segment, why in out.items()]
    warned = table[~table.passed & ~table.knock_out]
    for criterion, rows in warned.groupby("criterion", sort=False):
        all_of_them = len(rows) == table.segment.nunique() > 1
        who = "all of them" if all_of_them else "; ".join(names[s] for s in rows.segment)
        said.append(f"Not {criterion} (asked: {rows.rule.iloc[0]}): {who}.")
    if not said:
        said.append("Every segment meets every criterion that was measured.")
    missing = table[table.measured.isna() & table.passed].drop_duplicates("criterion")
    for rule, rows in missing.groupby("rule", sort=False):
        said.append(f"{capital(listed(rows.criterion))}: {rule}.")
    return said
