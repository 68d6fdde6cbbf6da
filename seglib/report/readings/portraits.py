"""Facts of the portraits of page 04, and their words, which later pages quote."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.naming.phrases import answer_words
from seglib.report.context import Context
from seglib.report.profiles import figure_of
from seglib.report.words import coarse_share
from seglib.vocabulary import uncapitalised


def portraits_rows(
    named: pd.DataFrame,
    evidence: pd.DataFrame,
    typical: pd.DataFrame,
    value: pd.DataFrame,
    catalogue: pd.DataFrame,
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
    catalogue
        One row per feature, with the words for its answers.
    terms
        Of the page.
    """
    words, rows = catalogue.set_index("feature"), []
    for row in value.itertuples():
        own, near = (t[t.segment == row.segment] for t in (evidence, typical))
        facts = portrait_facts(row, own, value, terms)
        parts = [] if facts["few"] else composite_parts(near, words, terms)
        rows.append(facts | {"segment": row.segment, "parts": parts})
    return named.merge(pd.DataFrame(rows), on="segment", validate="one_to_one")


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
    if facts["valued"]:
        everyone = value["value"].sum() / value.customers.sum()
        facts |= {"value_share": row.value_share, "each": row.value_per_customer, "everyone": everyone}
    return facts


def _traits(rows: pd.DataFrame, terms: Context) -> list[dict[str, Any]]:
    """Write each trait with its number and that of all customers; equal numbers are left out."""
    traits = []
    for r in rows[~rows.known.map(terms.hides)].itertuples():
        here = figure_of(r.typical, r, r.known, terms.currency, terms.min_cell)
        everywhere = figure_of(r.overall, r, r.everyone, terms.currency, terms.min_cell)
        numbers = {"here": here if here != everywhere else "", "everywhere": everywhere}
        traits.append({"words": r.words, "statistic": r.statistic} | numbers)
    return traits


def _at_risk(row: Any, terms: Context) -> str:
    """Write the share at risk, bounded where it would reveal few customers; empty where it is not known."""
    share, known = getattr(row, "at_risk", float("nan")), getattr(row, "risk_known", 0)
    if share != share or terms.hides(known):
        return ""
    return coarse_share(share, known, terms.min_cell)


def composite_parts(rows: pd.DataFrame, words: pd.DataFrame, terms: Context) -> list[dict[str, str]]:
    """Describe what customers near the centre have in common: an answer in its words, a number with its label."""
    parts = []
    for r in rows[~rows.behind.map(terms.hides)].itertuples():
        if pd.isna(r.answer):
            plain = r.unit if r.unit in ("share", terms.currency) else ""
            text = figure_of(r.value, r._replace(unit=plain), r.behind, terms.currency, terms.min_cell)
            label, about = uncapitalised(r.label), "about " if r.value else ""
        else:
            label, about, text = answer_words(str(r.answer), words.loc[r.feature]), "", ""
        parts.append({"label": label, "about": about, "number": text})
    return parts
