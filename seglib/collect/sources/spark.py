"""Sources on a Spark cluster, for tables that one machine does not hold."""

from __future__ import annotations

import contextlib
import functools
import logging
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import ibis
from py4j.java_gateway import JavaGateway
from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import DataFrame, SparkSession

from seglib.collect.sources.opened import Opened
from seglib.collect.sources.spark_engine import SparkEngine, without_places
from seglib.errors import DataError

#: Seconds to wait for a master that does not answer.
MASTER_SECONDS = 10
#: Rows that a source outside Spark may have to be handed over to it.
MOST_HANDED_OVER = 2_000_000
_SETTINGS = {
    "spark.app.name": "seglib",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    # What does not fit its type stops the run, as in the embedded engine, and does not become missing.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    # Tables leave Spark partition by partition, so that their whole size is no limit.
    "spark.driver.maxResultSize": "0",
}
#: What Spark says of a source, and what is meant.
_PROBLEMS = {
    "TABLE_OR_VIEW_NOT_FOUND": "there is no such table",
    "PATH_NOT_FOUND": "there is no such path",
    "TIMESTAMP(NANOS": "a column holds nanoseconds, which Spark does not read; write it in microseconds",
    "COLUMN_ALREADY_EXISTS": "two columns have names that differ in capitals alone",
    "FileNotFoundException": "a worker cannot read its files; each must see them under the same path",
}
#: Partitions of a join or a sum at least, and per core of the cluster (Spark's tuning guide says 2 to 3).
_LEAST_PARTITIONS, _PER_CORE = 32, 3


def _answers(address: str) -> bool:
    """Return whether one of the masters that an address names can be reached."""
    for place in address.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        with (
            contextlib.suppress(OSError, ValueError),
            socket.create_connection((host, int(port)), MASTER_SECONDS),
        ):
            return True
    return False


@functools.cache
def _driver() -> JavaGateway:
    """Start Spark's driver beside this process, silently; it reads SPARK_DRIVER_MEMORY."""
    if shutil.which("java") is None:
        raise DataError("Spark needs Java 17 or newer on this machine; install it, and put it on the PATH")
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return launch_gateway(SparkConf().setAll(list(_SETTINGS.items())), popen_kwargs=silent)
    except PySparkException:
        raise DataError("Spark's driver did not start on this machine; it needs Java 17 or newer") from None


def connect(address: str, shown: str) -> SparkEngine:
    """Start a session on a cluster.

    Parameters
    ----------
    address
        spark://HOST:PORT, several masters separated by commas, or spark://local[N].
    shown
        The address as the params file writes it, for messages.

    Raises
    ------
    DataError
        If Java is missing, or the master or a worker does not answer within `MASTER_SECONDS` and
        `spark_engine.WORKER_SECONDS`.
    """
    master = address.removeprefix("spark://") if address.startswith("spark://local") else address
    if master == address and not _answers(address):
        raise DataError(
            f"Spark at {shown}: no master answers within {MASTER_SECONDS} seconds; allowed: spark://HOST:PORT "
            "of a running cluster"
        )
    gateway = _driver()
    try:
        settings = SparkConf(_jvm=gateway.jvm).setAll(list(_SETTINGS.items())).setMaster(master)
        context = SparkContext(conf=settings, gateway=gateway)
        session = SparkSession(context)
    except (PySparkException, Py4JError, ValueError) as error:
        raise DataError(f"Spark at {shown}: no session: {without_places(str(error))}") from None
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # it prints what our line reports
    _ = ibis.pyspark.name  # registers the options that the backend reads
    engine = SparkEngine().connect(session).watched(shown)
    try:
        with engine.one_line():
            session.range(1).count()
            if not context.getConf().contains("spark.sql.shuffle.partitions"):
                partitions = max(_LEAST_PARTITIONS, _PER_CORE * context.defaultParallelism)
                session.conf.set("spark.sql.shuffle.partitions", partitions)
    except DataError:
        engine.disconnect()
        raise
    return engine


def open_spark(engine: SparkEngine, kind: str, root: Path, spec: dict[str, Any]) -> Opened:
    """Open a table, a query or Parquet files of the cluster.

    Raises
    ------
    DataError
        If it is not there, not readable, or without rows.
    """
    place = next(key for key in ("table", "query", "path") if spec.get(key))
    what = "the query" if place == "query" else f"{place} '{spec[place]}'"
    try:
        frame = _frame(engine, root, spec)
        if frame.isEmpty():
            raise DataError(f"{kind}: {what} of Spark at {engine.shown} has no rows")
        table = engine.viewed(f"source_{kind}", frame)
    except PySparkException as error:
        raise DataError(
            f"{kind}: {what} of Spark at {engine.shown}: {_problem(error)}; check sources.{kind}.{place}"
        ) from None
    except NotImplementedError as error:
        raise DataError(
            f"{kind}: {what} has a column that cannot be read ({error}); leave it out by a query"
        ) from None
    return Opened(kind, table, (), {"format": "Spark"})


def _frame(engine: SparkEngine, root: Path, spec: dict[str, Any]) -> DataFrame:
    session = engine._session
    if spec.get("table"):
        return session.table(str(spec["table"]))
    if spec.get("query"):
        return session.sql(str(spec["query"]))
    path = str(spec["path"])
    return session.read.parquet(path if re.match(r"[a-z0-9]+:/|/", path) else str(root / path))


def _problem(error: PySparkException) -> str:
    """Return what is wrong with a source in plain words."""
    message = str(error)
    known = next((problem for part, problem in _PROBLEMS.items() if part in message), None)
    return known or without_places(message)


def handed_over(engine: SparkEngine, opened: Opened) -> Opened:
    """Hand a source of the embedded engine over to Spark.

    Raises
    ------
    DataError
        If it has more than `MOST_HANDED_OVER` rows.
    """
    rows = int(opened.table.count().to_pandas())
    if rows > MOST_HANDED_OVER:
        raise DataError(
            f"{opened.kind}: {rows:,} rows outside Spark; up to {MOST_HANDED_OVER:,} are handed over to it: "
            f"put them where Spark reads them, and give sources.{opened.kind}.connection"
        )
    with engine.one_line():
        frame = engine._session.createDataFrame(opened.table.to_pyarrow())
    table = engine.viewed(f"source_{opened.kind}", frame)
    return Opened(opened.kind, table, opened.files, opened.how, opened.decimal)
