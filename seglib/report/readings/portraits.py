"""Facts of the portraits of page 04, and their words, which later pages quote."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.naming.phrases import answer_words
from seglib.assess.naming.rules import usable
from seglib.assess.segments import Segments
from seglib.report.context import Context
from seglib.report.profiles import figure_of, figures_of
from seglib.report.words import SUPPRESSED, coarse_share
from seglib.vocabulary import uncapitalised


def portraits_rows(
    named: pd.DataFrame,
    evidence: pd.DataFrame,
    typical: pd.DataFrame,
    value: pd.DataFrame,
    segments: Segments,
    terms: Context,
) -> pd.DataFrame:
    """Collect the facts of a portrait of each segment, and of a composite customer.

    Parameters
    ----------
    named
        From `assess.named`.
    evidence, typical
        From `assess.portrayed`.
    value
        The table `value`.
    segments
        What is assessed: its catalogue has the words for answers, its rules what the segments are made of.
    terms
        Of the page.
    """
    words, rows = segments.shown.set_index("feature"), []
    for row in value.itertuples():
        own, near = (t[t.segment == row.segment] for t in (evidence, typical))
        facts = portrait_facts(row, own, value, terms)
        parts = [] if facts["few"] else composite_parts(near, words, terms)
        rule = rule_facts(segments.rules, row.segment, words.index, terms)
        rows.append(facts | {"segment": row.segment, "parts": parts, "rule": rule})
    return named.merge(pd.DataFrame(rows), on="segment", validate="one_to_one")


def rule_facts(
    rules: pd.DataFrame | None, segment: Any, shown: pd.Index, terms: Context
) -> dict[str, Any] | None:
    """Collect the rule that comes closest to a segment, and of how many it holds; none where it reveals few."""
    own = usable(rules)
    own = own[own.segment == segment]
    if own.empty or not own.feature.isin(shown).all():
        return None
    first = own.iloc[0]
    coverage = coarse_share(first.coverage, first["size"], terms.min_cell)
    precision = coarse_share(first.precision, first.customers, terms.min_cell)
    if SUPPRESSED in (coverage, precision):
        return None
    return {"cuts": own.to_dict("records"), "coverage": coverage, "precision": precision}


def portrait_facts(row: Any, own: pd.DataFrame, value: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Collect what is said of one segment.

    Parameters
    ----------
    row
        Of the table `value`.
    own
        The segment's evidence.
    value
        The table `value`, of all segments.
    terms
        Of the page.
    """
    parts = {part: _traits(own[own.part == part], terms) for part in ("who", "besides", "does")}
    facts = {"few": terms.hides(row.customers), "customers": row.customers, "share": row.share, **parts}
    facts |= {"valued": "value" in value, "at_risk": _at_risk(row, terms)}
    judged = getattr(row, "risk_known", row.customers)
    facts["judged"] = judged if row.customers - judged >= terms.min_cell else 0
    if facts["valued"]:
        everyone = value["value"].sum() / value.customers.sum()
        facts |= {"value_share": row.value_share, "each": row.value_per_customer, "everyone": everyone}
    return facts


def _traits(rows: pd.DataFrame, terms: Context) -> list[dict[str, Any]]:
    """Write each trait with its number and that of all customers; equal numbers are left out."""
    traits = []
    for r in rows[~terms.few(rows.known)].itertuples():
        here, everywhere = figures_of(r, terms)
        numbers = {"here": here if here != everywhere else "", "everywhere": everywhere}
        traits.append({"words": r.words, "statistic": r.statistic} | numbers)
    return traits


def _at_risk(row: Any, terms: Context) -> str:
    """Write the share at risk, bounded where it would reveal few customers; empty where it is not known."""
    share, known = getattr(row, "at_risk", float("nan")), getattr(row, "risk_known", 0)
    if share != share or terms.hides(known):
        return ""
    text = coarse_share(share, known, terms.min_cell)
    return "" if text == SUPPRESSED else text


def composite_parts(rows: pd.DataFrame, words: pd.DataFrame, terms: Context) -> list[dict[str, str]]:
    """Describe what customers near the centre have in common: an answer in its words, a number with its label."""
    parts = []
    for r in rows[~terms.few(rows.behind)].itertuples():
        if pd.isna(r.answer):
            plain = r.unit if r.unit in ("share", terms.currency) else ""
            text = figure_of(r.value, r._replace(unit=plain), r.behind, terms.currency, terms.min_cell)
            label, about = uncapitalised(r.label), "about " if r.value else ""
        else:
            label, about, text = answer_words(str(r.answer), words.loc[r.feature]), "", ""
        parts.append({"label": label, "about": about, "number": text})
    return parts
