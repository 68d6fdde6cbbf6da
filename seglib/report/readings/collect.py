"""Sentences of page 01: what came in, and what became of it."""

from __future__ import annotations

import pandas as pd

from seglib.report.words import count, plural, share
from seglib.vocabulary import uncapitalised


def rows(ledger: pd.DataFrame) -> str:
    """Say what became of the rows of one source.

    Parameters
    ----------
    ledger
        The rules of one source, in order.
    """
    taken = ledger[(ledger.dropped + ledger.set_aside) > 0]
    start, end = int(ledger.rows_in.iloc[0]), int(ledger.rows_out.iloc[-1])
    source = ledger.source.iloc[0]
    if taken.empty:
        return f"All {count(start)} rows of {source} are kept."
    worst = taken.loc[(taken.dropped + taken.set_aside).idxmax()]
    return (
        f"Of {count(start)} rows of {source} **{count(end)}** are kept ({share(end / start)}); most went "
        f"by the rule “{worst.rule}” ({count(worst.dropped + worst.set_aside)} rows)."
    )


def contract(table: pd.DataFrame) -> str:
    """Say which rule is broken most, and whether anything is.

    Parameters
    ----------
    table
        One row per rule: source, rule, rows, broken, share, outcome.
    """
    broken = table[table.broken > 0]
    if broken.empty:
        return f"All {count(len(table))} rules are kept by every row."
    worst = broken.loc[broken.share.idxmax()]
    return (
        f"{count(len(broken))} of {count(len(table))} rules are broken; most often “{worst.rule}” in "
        f"{worst.source}: {count(worst.broken)} of {count(worst.rows)} rows ({share(worst.share)}), {worst.outcome}."
    )


def ledger(table: pd.DataFrame) -> str:
    """Say how many rules of the ledger found nothing to do."""
    did = table[["dropped", "set_aside", "blanked", "warned"]].any(axis=1)
    idle = int((~did).sum())
    return f"{count(int(did.sum()))} rules did something; {count(idle)} found nothing to do." if idle else ""


def joins(table: pd.DataFrame) -> str:
    """Say how many ids of the sources are customers, and how they were compared."""
    if table.empty:
        return "There is one source alone; nothing is joined."
    lines = []
    for row in table.itertuples():
        strange = row.ids - row.known
        strangers = "all are customers" if not strange else f"{count(strange)} are not among the customers"
        said = f"Of {count(row.ids)} ids in {row.source} {strangers}"
        if row.compared != "as they stand":
            said += f" (compared {row.compared})"
        lines.append(f"{said}; {count(row.without)} customers have no {row.source}.")
    return " ".join(lines)


def quality(table: pd.DataFrame, customers: int) -> str:
    """Say how many customers and features there are, and which is most often missing."""
    worst = table.sort_values("missing_share", ascending=False).iloc[0]
    missing = (
        f"Most often missing is **{uncapitalised(worst.label)}** ({share(worst.missing_share)})."
        if worst.missing_share
        else "Nothing is missing."
    )
    return f"{plural(customers, 'customer')}, {plural(len(table), 'feature')}. {missing}"
