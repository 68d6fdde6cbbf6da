"""Audiences and segments on a Spark cluster: a partition per run, staged beside its place and then moved there.

A partition appears whole or not at all, because a folder is renamed in one step; the same run written again takes its
own partition's place, and those of other runs stay as they are.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from seglib.collect.sources.opened import masked
from seglib.errors import RunError, one_line
from seglib.implement.destinations.database import AUDIENCE, HISTORY

_TYPES = {"text": "string", "integer": "bigint", "double precision": "double", "date": "date"}


def _engine(terms: dict[str, Any]) -> Any:
    from seglib.collect.sources import engine_for

    if not terms.get("path"):
        raise RunError(
            "implement.to.path is missing; on Spark it is the folder that receives a partition per run"
        )
    return engine_for([{"connection": terms["connection"], "shown": terms["shown"]}])


def write(
    terms: dict[str, Any], history: pd.DataFrame, audience: pd.DataFrame, project: str, as_of: dt.date
) -> dict[str, int]:
    """Write the segments and the audiences of a run as a partition each.

    Parameters
    ----------
    terms
        connection, shown, path, audience and history, as the params say.
    history, audience
        As `database.write` takes them; valid_to stays open, since a partition is never changed.

    Raises
    ------
    RunError
        If the cluster does not take the rows; partitions are then as they were.
    """
    from pyspark.errors import PySparkException

    engine = _engine(terms)
    partition = f"project={project}/as_of_date={as_of.isoformat()}"
    try:
        for name, frame, columns in (("history", history, HISTORY), ("audience", audience, AUDIENCE)):
            folder = f"{terms['path'].rstrip('/')}/{terms[name]}"
            _staged(
                engine._session,
                frame[list(columns)],
                columns,
                f"{folder}/_staging/{partition}",
                f"{folder}/{partition}",
            )
    except (PySparkException, OSError) as error:
        raise RunError(
            f"implement.to: '{masked(terms['shown'])}' could not be written: {one_line(str(error), 200)}; "
            "run the stage again"
        ) from None
    finally:
        engine.disconnect()
    return {"history": len(history), "audience": len(audience)}


def _staged(session: Any, frame: pd.DataFrame, columns: dict[str, str], staging: str, place: str) -> None:
    """Write rows to a folder of their own, then rename it into its place."""
    schema = ", ".join(f"`{c}` {_TYPES[t]}" for c, t in columns.items())
    rows = [
        tuple(None if pd.isna(v) else v for v in row) for row in frame.astype(object).itertuples(index=False)
    ]
    session.createDataFrame(rows, schema).write.mode("overwrite").parquet(staging)
    _moved(session, staging, place)


def _moved(session: Any, source: str, place: str) -> None:
    jvm = session._jvm
    path = jvm.org.apache.hadoop.fs.Path
    files = path(place).getFileSystem(session._jsc.hadoopConfiguration())
    files.mkdirs(path(place).getParent())
    files.delete(path(place), True)
    if not files.rename(path(source), path(place)):
        raise OSError(f"{place} could not be put in its place")


def forget(terms: dict[str, Any], customer: str) -> int:
    """Write all partitions again without one customer; count the rows that are gone."""
    engine, count = _engine(terms), 0
    session = engine._session
    try:
        path = session._jvm.org.apache.hadoop.fs.Path
        for name in ("history", "audience"):
            folder = f"{terms['path'].rstrip('/')}/{terms[name]}"
            files = path(folder).getFileSystem(session._jsc.hadoopConfiguration())
            found = files.globStatus(path(f"{folder}/project=*/as_of_date=*")) or []
            for status in found:
                place = status.getPath().toString()
                rows = session.read.parquet(place)
                theirs = rows.filter(rows.customer_id == customer).count()
                if theirs:
                    staging = f"{folder}/_staging/{place.rpartition('project=')[2]}"
                    rows.filter(rows.customer_id != customer).write.mode("overwrite").parquet(staging)
                    _moved(session, staging, place)
                    count += theirs
    finally:
        engine.disconnect()
    return count
