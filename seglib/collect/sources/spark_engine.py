"""ibis on Spark: tables streamed out of a cluster, and its failures in one line."""

from __future__ import annotations

import contextlib
import re
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark import Backend
from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark import RDD
from pyspark.errors import PySparkException
from pyspark.serializers import NoOpSerializer
from pyspark.sql import DataFrame

from seglib.collect.sources.spark_sql import SparkCompiler
from seglib.errors import DataError, without_values

#: Seconds to wait for a worker when there is none.
WORKER_SECONDS = 60
_ENDED = "the driver on this machine has ended; if memory was short, set SPARK_DRIVER_MEMORY, as in 8g"
_STOPPED = "the cluster ended the work; look at its master, and run again"
#: What Spark says, and what is meant.
_REASONS = {
    "OutOfMemoryError": "memory was short; set SPARK_DRIVER_MEMORY or SPARK_EXECUTOR_MEMORY, as in 8g",
    "FileNotFoundException": "a worker cannot read the source's files; each must see them under the same path",
    "shut down": _STOPPED,
    "stopped SparkContext": _STOPPED,
}
_PLACE = re.compile(r"\b[a-z0-9]+:/\S+|(?<![\w.])/\S+")


def without_places(said: str) -> str:
    """Fold what Spark says into its first sentence, without paths, addresses and values of cells.

    Examples
    --------
    >>> without_places("[BAD] The value 'K1' of file:/data/x.parquet is bad. Use `try_cast`. SQLSTATE: 22018")
    "[BAD] The value '…' of … is bad"
    """
    return without_values(_PLACE.sub("…", said.split("SQLSTATE")[0].split(". ")[0]))


class SparkEngine(Backend):
    """ibis on a Spark session: streams tables out, and reports in one line what went wrong."""

    compiler = SparkCompiler()

    def watched(self, shown: str) -> SparkEngine:
        """Begin to watch over the workers.

        Parameters
        ----------
        shown
            The connection as the params file writes it, for messages.
        """
        self.shown, self._stopped, self._deserted = shown, threading.Event(), threading.Event()
        threading.Thread(target=self._watch, name="seglib-spark", daemon=True).start()
        return self

    def _watch(self) -> None:
        """End what waits for workers that do not come; Spark itself would wait for ever."""
        context, seen = self._session.sparkContext, time.monotonic()
        while not self._stopped.wait(1):
            try:
                places = context._jsc.sc().getExecutorMemoryStatus().size()  # the driver's among them
                if places > 1 or context.master.startswith("local"):
                    seen = time.monotonic()
                    self._deserted.clear()
                elif time.monotonic() - seen > WORKER_SECONDS:
                    self._deserted.set()
                    context.cancelAllJobs()
            except (Py4JError, AttributeError, OSError):
                return  # the session has ended, which whoever waits for it learns from Spark

    def disconnect(self) -> None:
        """End the session, and give its workers back."""
        if hasattr(self, "_stopped"):
            self._stopped.set()
        with contextlib.suppress(Py4JError, OSError):
            super().disconnect()

    @contextlib.contextmanager
    def one_line(self) -> Iterator[None]:
        """Turn what Spark says of a failure into one line without places and values.

        Raises
        ------
        DataError
            In place of Spark's own errors.
        """
        try:
            yield
        except (PySparkException, Py4JError, ConnectionError, EOFError) as error:
            raise DataError(f"Spark at {self.shown}: {self._reason(error)}") from None

    def _reason(self, error: Exception) -> str:
        message = str(error)
        if self._deserted.is_set():
            return (
                f"there was no worker for {WORKER_SECONDS} seconds; start workers, or free them of other work"
            )
        if isinstance(error, Py4JNetworkError | ConnectionError | EOFError):
            return _ENDED
        if known := next((reason for part, reason in _REASONS.items() if part in message), None):
            return known
        first = next((line for line in message.splitlines() if line.strip()), type(error).__name__)
        return without_places(first)

    def execute(self, expr: ibis.Expr, /, **kwargs: Any) -> Any:
        """Execute an expression into pandas."""
        with self.one_line(), warnings.catch_warnings():
            # pyspark warns before it raises, with the whole message and the cells in it.
            warnings.filterwarnings("ignore", "toPandas attempted", UserWarning)
            return super().execute(expr, **kwargs)

    def _create_cached_table(self, name: str, expr: ibis.Table) -> ibis.Table:
        self._run_pre_execute_hooks(expr)  # ibis registers tables in memory when it executes, not here
        with self.one_line():
            return super()._create_cached_table(name, expr)

    def create_table(
        self, name: str, /, obj: Any = None, *, temp: bool | None = None, **kwargs: Any
    ) -> ibis.Table:
        """Hold a table under a name, with `temp` for as long as the session lasts."""
        if not temp:
            return super().create_table(name, obj, **kwargs)
        with self.one_line():
            frame = self.frame(obj if isinstance(obj, ibis.Table) else ibis.memtable(obj))
        return self.viewed(name, frame)

    def frame(self, expr: ibis.Table) -> DataFrame:
        """Return the Spark frame of a table."""
        self._run_pre_execute_hooks(expr)
        return self.raw_sql(self.compile(expr))

    def viewed(self, name: str, frame: DataFrame) -> ibis.Table:
        """Return the ibis table of a Spark frame."""
        with self.one_line():
            frame.createOrReplaceTempView(name)
            return self.table(name)

    def to_pyarrow_batches(self, expr: ibis.Table, /, **_: Any) -> pa.RecordBatchReader:
        """Stream a table out of Spark, with one of its partitions in memory at a time."""
        schema = expr.as_table().schema().to_pyarrow()
        with self.one_line():
            frame = self.frame(expr.as_table())
        return pa.RecordBatchReader.from_batches(schema, self._batches(frame, schema))

    def _batches(self, frame: DataFrame, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        # Spark's own toArrow, and ibis, gather the whole table first; mapInArrow would not, and needs
        # the driver's Python on every worker.
        times = {"timestamp": pa.timestamp("us", "UTC"), "timestamp_ntz": pa.timestamp("us")}
        sent = pa.schema(
            [(f.name, times.get(kind, f.type)) for f, (_, kind) in zip(schema, frame.dtypes, strict=True)]
        )
        arrow = frame._jdf.toArrowBatchRdd().toJavaRDD()
        with self.one_line():
            part: Any
            for part in RDD(arrow, self._session.sparkContext, NoOpSerializer()).toLocalIterator():
                batch = pa.ipc.read_record_batch(pa.py_buffer(part), sent)
                yield from pa.Table.from_batches([batch]).cast(schema).to_batches()

    def to_parquet(self, expr: ibis.Table, /, path: str | Path, **_: Any) -> None:
        """Write a table as one Parquet file on this machine."""
        batches = self.to_pyarrow_batches(expr)
        with pq.ParquetWriter(str(path), batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
