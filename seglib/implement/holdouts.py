"""Holdouts that stay: an arm follows from a hash of the id, and is frozen when it is first given.

The bucket of a customer is the first eight hexadecimal digits of SHA-256(salt ":" id), modulo 10,000: the
same in Python, DuckDB and PostgreSQL, independent of who else is there, and independent between salts
(Kohavi, Tang and Xu, Trustworthy Online Controlled Experiments, 2020, chapters 14 and 23).
"""

from __future__ import annotations

import datetime as dt
import hashlib

import numpy as np
import pandas as pd
from scipy import stats

from seglib.errors import DataError
from seglib.implement.vocabulary import HOLDOUT, TREATMENT

BUCKETS = 10_000
#: Columns of the project's `holdouts.parquet`: one row per customer and campaign; `id` is the real id.
COLUMNS: tuple[str, ...] = (
    *("id", "campaign", "arm", "bucket", "first_assigned", "until", "segment", "play"),
)
#: A sample ratio is off where chance alone would give it less often (Fabijan and others, KDD 2019).
SUSPICIOUS = 0.001
_SQL = {
    "duckdb": "CAST('0x' || substr(sha256({text}), 1, 8) AS BIGINT) % 10000",
    "postgres": "('x' || substr(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), 1, 8))::bit(32)::bigint % 10000",
}


def no_holdouts() -> pd.DataFrame:
    """Return the table of holdouts without a row, with the types of its columns."""
    frame = pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS})
    return typed(frame)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of the table of holdouts their types and their order."""
    texts = dict.fromkeys(("id", "campaign", "arm", "play"), "string")
    times = {c: pd.to_datetime(frame[c]).astype("datetime64[us]") for c in ("first_assigned", "until")}
    return frame.astype({**texts, "bucket": "int64", "segment": "Int64"}).assign(**times)[list(COLUMNS)]


def salt_of(project: str, campaign: str) -> str:
    """Name what ids of one campaign are mixed with.

    Examples
    --------
    >>> salt_of("acme", "win-back")
    'acme/win-back'
    """
    return f"{project}/{campaign}"


def buckets(ids: pd.Series, salt: str) -> np.ndarray:
    """Hash ids to whole numbers from 0 to 9,999.

    Parameters
    ----------
    ids
        Real ids as text.
    salt
        As `salt_of` gives it.

    Examples
    --------
    >>> buckets(pd.Series(["C1", "C2"]), "acme/win-back").tolist()
    [3500, 1397]
    """
    start = hashlib.sha256(f"{salt}:".encode())
    made = np.empty(len(ids), dtype="int64")
    for place, key in enumerate(ids):
        digest = start.copy()
        digest.update(str(key).encode())
        made[place] = int.from_bytes(digest.digest()[:4], "big") % BUCKETS
    return made


def bucket_sql(column: str, salt: str, dialect: str) -> str:
    """Write the same bucket as an expression of SQL.

    Parameters
    ----------
    column
        An expression of the id, as text.
    salt
        As `salt_of` gives it.
    dialect
        duckdb or postgres.

    Examples
    --------
    >>> bucket_sql("id", "acme/win-back", "duckdb")
    "CAST('0x' || substr(sha256('acme/win-back:' || id), 1, 8) AS BIGINT) % 10000"
    """
    if dialect not in _SQL:
        raise DataError(f"a bucket is not written in '{dialect}'; allowed: duckdb, postgres")
    quoted = f"{salt}:".replace("'", "''")
    return _SQL[dialect].format(text=f"'{quoted}' || {column}")


def arms(
    rows: pd.DataFrame,
    campaign: str,
    salt: str,
    threshold: pd.Series | int,
    frozen: pd.DataFrame,
) -> pd.DataFrame:
    """Give each customer an arm: the one that they have, or for newcomers the one of their bucket.

    Parameters
    ----------
    rows
        One row per customer: id.
    campaign, salt
        Its name, and what ids are mixed with.
    threshold
        Buckets below it are held out, one for all or one per row.
    frozen
        The table of holdouts.

    Returns
    -------
    pandas.DataFrame
        In the order of the rows, under their index: arm, bucket, and new (no arm was given before).
    """
    own = frozen[frozen.campaign == campaign].drop_duplicates("id").set_index("id")
    bucket = buckets(rows.id, salt)
    fresh = np.where(bucket < np.asarray(threshold), HOLDOUT, TREATMENT)
    known = rows.id.map(own.arm)
    return pd.DataFrame(
        {
            "arm": known.astype(object).where(known.notna(), fresh).astype("string"),
            "bucket": bucket,
            "new": known.isna().to_numpy(),
        },
        index=rows.index,
    )


def with_newcomers(frozen: pd.DataFrame, assigned: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Append those who were assigned for the first time; nothing that was there is changed.

    Parameters
    ----------
    frozen
        The table of holdouts.
    assigned
        One row per customer and campaign: id, campaign, arm, bucket, new, segment, play, until (for ever if none).
    as_of
        When they were assigned.
    """
    new = assigned[assigned.new.astype(bool)]
    new = new.assign(first_assigned=pd.Timestamp(as_of))
    rows = typed(new[list(COLUMNS)])
    return rows if frozen.empty else pd.concat([frozen, rows], ignore_index=True)


def held_everywhere(frozen: pd.DataFrame, universal: str, as_of: dt.date) -> pd.Series:
    """Return the ids that are held out of everything on a day."""
    own = frozen[(frozen.campaign == universal) & (frozen.arm == HOLDOUT)]
    return own.id[own.until.isna() | (own.until >= pd.Timestamp(as_of))]


def sample_ratio(held_out: int, assigned: int, expected: float) -> float:
    """Compute how often chance alone would give a share of holdouts so far from the one that was set.

    Parameters
    ----------
    held_out, assigned
        Customers.
    expected
        Customers who should be held out.

    Returns
    -------
    float
        The p-value of a chi-squared test with one degree of freedom; missing where nothing was assigned, or
        all or none should be held out.

    Examples
    --------
    >>> round(sample_ratio(100, 1000, 100.0), 2), sample_ratio(150, 1000, 100.0) < SUSPICIOUS
    (1.0, True)
    """
    if not assigned or not 0 < expected < assigned:
        return float("nan")
    return float(stats.chisquare([held_out, assigned - held_out], [expected, assigned - expected]).pvalue)
