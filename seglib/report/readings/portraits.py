"""Sentences of page 04: the names of segments, and a portrait of each."""

from __future__ import annotations

import pandas as pd

from seglib.assess.naming.phrases import answer_words
from seglib.assess.thresholds import STEADY
from seglib.privacy.disclosure import behind
from seglib.report.words import capital, count, listed, money, number, share
from seglib.vocabulary import uncapitalised

#: Units that are said beside a number; what others count, the words of the feature say.
_UNITS = {"days": "day", "months": "month", "years": "year", "km": "km"}


def portraits(
    named: pd.DataFrame,
    evidence: pd.DataFrame,
    typical: pd.DataFrame,
    value: pd.DataFrame,
    catalogue: pd.DataFrame,
    currency: str | None,
    min_cell: int,
) -> pd.DataFrame:
    """Write a portrait of each segment, in three sentences, and of its typical customer in one.

    Parameters
    ----------
    named
        From `names.with_own`.
    evidence, typical
        From `portraits.evidence` and `portraits.typical`.
    value
        One row per segment, from `assess.value`.
    catalogue
        One row per feature, with the words for its answers.
    currency
        ISO 4217, or nothing.
    min_cell
        Of fewer customers nothing is said.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, name (generated), given_name, because, name_stability, portrait,
        typical (empty where too few are near the centre).
    """
    words = catalogue.set_index("feature")
    rows = []
    for row in value.itertuples():
        own, near = (t[t.segment == row.segment] for t in (evidence, typical))
        if row.customers < min_cell:
            said, one = f"Fewer than {min_cell} customers, of whom nothing is said.", ""
        else:
            brings = _brings(row, own, value, currency, min_cell)
            said = " ".join([_who(row, own, currency), _besides(own, currency), brings])
            one = _typical(near, words, currency)
        rows.append((row.segment, said, one))
    made = pd.DataFrame(rows, columns=["segment", "portrait", "typical"])
    columns = ["segment", "name", "given_name", "because", "name_stability"]
    return named[columns].merge(made, on="segment", validate="one_to_one")


def _who(row: object, own: pd.DataFrame, currency: str | None) -> str:
    size = f"{count(row.customers)} customers, {share(row.share)} of all"
    who = _compared(own[own.part == "who"], currency, " among all customers")
    return f"{size}; {f'what sets them apart: {who}' if who else 'nothing that formed the segments sets them apart'}."


def _besides(own: pd.DataFrame, currency: str | None) -> str:
    found = _compared(own[own.part == "besides"], currency)
    return (
        f"What else tells them from others: {found}."
        if found
        else "Nothing else that is known tells them apart."
    )


def _brings(row: object, own: pd.DataFrame, value: pd.DataFrame, currency: str | None, min_cell: int) -> str:
    """Say what they bring; where that is not known, what they do."""
    risk = _at_risk(row, value, min_cell)
    if "value" in value:
        each = value["value"].sum() / value.customers.sum()
        part = f"{share(row.value_share)} of the value, " if row.value_share == row.value_share else ""
        own_each, all_each = money(row.value_per_customer, currency), money(each, currency)
        more = f"; {risk}" if risk else ""
        return f"They bring {part}{own_each} each, where the average customer brings {all_each}{more}."
    does = _compared(own[own.part == "does"], currency)
    said = [s for s in (f"what they do: {does}" if does else "", risk) if s]
    missing = "what they bring is not known without transactions or a feature named by assess.value"
    return f"{capital('; '.join([*said, missing]))}."


def _at_risk(row: object, value: pd.DataFrame, min_cell: int) -> str:
    if "at_risk" not in value or row.at_risk != row.at_risk:
        return ""
    fewest = behind(value[value.segment == row.segment], "customers", ["at_risk"]).at_risk.iloc[0]
    if fewest < min_cell:
        return ""
    return f"{share(row.at_risk)} of them are at risk" if row.at_risk else "none of them is at risk"


def _compared(rows: pd.DataFrame, currency: str | None, among: str = "") -> str:
    """List traits, each with its number against that of all customers; equal numbers say nothing."""
    said = []
    for r in rows.itertuples():
        here, everywhere = (_figure(x, r.unit, pd.notna(r.answer), currency) for x in (r.typical, r.overall))
        if here == everywhere:
            said.append(r.words)
            continue
        said.append(f"{r.words} ({here} against {everywhere}{among})")
        among = ""
    return listed(said)


def _figure(x: float, unit: str, is_share: bool, currency: str | None) -> str:
    if is_share or unit == "share":
        return share(x)
    if unit and unit == currency:
        return money(x, unit)
    said = number(x)
    if unit not in _UNITS:
        return said
    return f"{said} {_UNITS[unit] if said == '1' else unit}"


def _typical(rows: pd.DataFrame, words: pd.DataFrame, currency: str | None) -> str:
    """Describe a typical customer: an answer in its words, a number with its label."""
    said = []
    for r in rows.itertuples():
        if pd.isna(r.answer):
            unit = r.unit if r.unit in ("share", currency) else ""
            about = "about " if r.value else ""
            said.append(f"{uncapitalised(r.label)} {about}{_figure(r.value, unit, False, currency)}")
        else:
            said.append(answer_words(str(r.answer), words.loc[r.feature]))
    return f"{capital('; '.join(said))}." if said else ""


def named(table: pd.DataFrame, unused: list[str]) -> str:
    """Say how stable the names are, and which own names found no segment.

    Parameters
    ----------
    table
        From `names.with_own`.
    unused
        Keys of `assess.names` that no one segment answers to.
    """
    weak = table[table.name_stability < STEADY]
    if table.name_stability.isna().all():
        said = ["The names do not hang on features that could have come out otherwise."]
    elif len(weak):
        names = listed(f"**{name}**" for name in weak.shown)
        said = [f"With other customers other features might have led: take {names} for one name of several."]
    else:
        said = ["With other customers the same features would have led in most draws, in every segment."]
    if unused:
        keys, known = listed(f"“{key}”" for key in unused), listed(f"“{name}”" for name in table["name"])
        said.append(
            f"No one segment answers to {keys} of assess.names, so its own name is not used; "
            f"there are {known}."
        )
    return " ".join(said)
