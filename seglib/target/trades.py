"""The trade of a project, so that plays are worded for it: named by the params, or recognised from the features."""

from __future__ import annotations

import pandas as pd

from seglib.vocabulary import words_of

#: Words in the names and labels of features that tell a trade; two different ones are needed.
WORDS: dict[str, frozenset[str]] = {
    "banking": frozenset(
        (
            *("balance", "balances", "savings", "investments", "loan", "loans"),
            *("credit", "salary", "mortgage", "deposit", "cash", "advance", "iban"),
        )
    ),
    "telecom": frozenset(
        (
            *("gb", "minutes", "calls", "texts", "sms", "roaming"),
            *("tariff", "fiber", "fibre", "internet", "phone", "voice", "mbps"),
        )
    ),
    "travel": frozenset(
        (
            *("nights", "night", "booking", "bookings", "flight", "flights"),
            *("miles", "hotel", "abroad", "trip", "trips", "airline"),
        )
    ),
    "healthcare": frozenset(
        (
            *("care", "prescriptions", "conditions", "appointments"),
            *("patient", "patients", "treatment", "treatments", "diagnosis"),
        )
    ),
    "software": frozenset(
        (
            *("seats", "licences", "licenses", "integrations", "tickets"),
            *("hosting", "logins", "edition", "api", "sso"),
        )
    ),
}


def trade(catalogue: pd.DataFrame, named: str | None = None) -> str:
    """Find the trade of a project.

    Parameters
    ----------
    catalogue
        What is known of each feature: feature, label, basis.
    named
        By the params; taken as it is.

    Returns
    -------
    str
        The trade whose words most features tell of; survey where most features are psychographic or needs
        and none is of orders, shop where there are orders; empty if nothing tells.

    Examples
    --------
    >>> columns = ["feature", "label", "basis"]
    >>> trade(pd.DataFrame([("BALANCE", "Balance", "value"), ("CASH_ADVANCE", "Cash", "value")], columns=columns))
    'banking'
    >>> trade(pd.DataFrame([("yummy", "yummy", "psychographic")], columns=columns))
    'survey'
    """
    if named is not None:
        return named
    told = {word for r in catalogue.itertuples() for word in (*words_of(r.feature), *words_of(str(r.label)))}
    hits = {name: len(words & told) for name, words in WORDS.items()}
    best = max(hits, key=lambda name: hits[name])
    if hits[best] >= 2:
        return best
    if "order_count" in set(catalogue.feature):
        return "shop"
    asked = catalogue.basis.isin(["psychographic", "needs"]).mean() if len(catalogue) else 0.0
    return "survey" if asked >= 0.5 else ""
