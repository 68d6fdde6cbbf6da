"""New customers scored with the segmentation of a run, and the scripts that score them elsewhere."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.collect import sources
from seglib.errors import ParamsError, RunError, listing, nearest
from seglib.implement import scoring
from seglib.project import params as parameters
from seglib.project.collecting import roles as roles_of
from seglib.project.collecting import settings, terms
from seglib.project.fingerprints import source_spec
from seglib.project.params import Params
from seglib.project.store import Store, defused, write_frame

#: The folder of a run that holds the scripts.
SCRIPTS = "scoring"


def stored(store: Store) -> scoring.StoredSegmentation:
    """Read the segmentation of a run's folder.

    Raises
    ------
    RunError
        If stage 03 has not run there, or its model is gone.
    """
    features, segments = store.read("features"), store.read("segments")
    alone = store.read("structure").rules.iloc[0] == "nothing"
    return scoring.stored_segmentation(
        None if alone else store.read_model("segmentation"), features, segments
    )


def names(store: Store) -> dict[int, str]:
    """Return the names of the segments as far as the run has named them."""
    if not store.has("value"):
        return {}
    return store.read("value").set_index("segment")["name"].to_dict()


def score_file(params: str | Path, customers: str | Path, reports: Path) -> pd.DataFrame:
    """Score the customers of a file with the segmentation of the project's run.

    Parameters
    ----------
    params
        The project's params file.
    customers
        A table with one row per customer: the id, called `customer` or as `sources.customers.columns` call
        it, and the features that the model takes.
    reports
        Folder of the runs.

    Returns
    -------
    pandas.DataFrame
        One row per customer: customer, segment, name, margin, remark.

    Raises
    ------
    DataError
        If the file cannot be read, or columns or levels are not those that the model knows.
    RunError
        If there is no segmented run.
    """
    project, store, segmentation = _segmented(params, reports)
    place = Path(customers).name
    spec: dict[str, Any] = {"path": str(Path(customers).absolute())}
    table = sources.open_source(sources.connect(), "customers", Path.cwd(), spec).table.to_pandas()
    table = table.rename(columns={_id_column(project, table): "customer"})
    if "customer" not in table:
        table = table.assign(customer=range(1, len(table) + 1))
    decimal = getattr(project.sources.customers, "decimal", None) or "."
    rows = scoring.accepted(segmentation, table, place, project.levels, decimal)
    return _scored(segmentation, rows, store)


def score_sources(
    params: str | Path, files: list[str], reports: Path, as_of: str | None = None
) -> pd.DataFrame:
    """Score new customers from their rows, in the form of the sources of the project.

    Parameters
    ----------
    params, reports
        As `score_file` takes them.
    files
        KIND=FILE each, the kinds that the features need.
    as_of
        Day that everything is counted back from, as 2025-10-01; that of the run if absent.

    Returns
    -------
    pandas.DataFrame
        As `score_file` returns it.

    Raises
    ------
    DataError
        If a file cannot be read, or lacks a column that the params name.
    ParamsError
        If a kind is not one of the project's sources.
    RunError
        If there is no segmented run, or a feature cannot be computed from rows of new customers alone.
    """
    project, store, segmentation = _segmented(params, reports)
    named, opened = project.sources.named(), {}
    engine = sources.connect()
    for word in files:
        kind, _, file = word.partition("=")
        if kind not in named or not file or kind in opened:
            raise ParamsError(
                f"--source {word}: allowed: KIND=FILE, each kind once; kinds here: {listing(named)}."
                f"{nearest(kind, named)}"
            )
        elsewhere = ("connection", "shown", "table", "query", "tables")
        spec = {k: v for k, v in source_spec(project, kind).items() if k not in elsewhere}
        spec |= {"path": str(Path(file).absolute())}
        opened[kind] = sources.open_source(engine, kind, Path.cwd(), spec)
        roles = {f"sources.{kind}.columns.{r}": c for r, c in roles_of(project)[kind].items()}
        sources.require_columns(opened[kind], roles)
    features = store.read("features")
    texts = [c for c in segmentation.inputs if c not in segmentation.numeric]
    levels = {c: sorted(features[c].dropna().astype(str).unique()) for c in texts}
    tables = source_tables(project, opened)
    if as_of is not None:
        tables = replace(tables, as_of=_day(as_of))
    table = scoring.feature_table(segmentation.inputs, levels, tables).to_pandas()
    rows = scoring.accepted(segmentation, table, "the features of new customers", project.levels)
    return _scored(segmentation, rows.sort_values("customer", ignore_index=True), store)


def source_tables(params: Params, opened: Mapping[str, sources.Opened]) -> scoring.SourceTables:
    """Put opened sources beside what the params say of them, for features that are computed without a run."""
    products = settings(params).not_products
    return scoring.SourceTables(opened, roles_of(params), terms(params), params.as_of, products)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ParamsError(f"--as-of {text}: allowed: a date, as in 2025-10-01") from None


def _segmented(params: str | Path, reports: Path) -> tuple[Params, Store, scoring.StoredSegmentation]:
    """Open the segmented run of a project."""
    project = parameters.load(Path(params))
    store = Store(reports / project.name / project.as_of.isoformat())
    if not store.has("structure"):
        raise RunError(
            f"{store.title}: there is no segmentation; run it first: seglib run {params} --to segment"
        )
    return project, store, stored(store)


def _scored(segmentation: scoring.StoredSegmentation, rows: pd.DataFrame, store: Store) -> pd.DataFrame:
    scored = scoring.score(segmentation, rows)
    called = scored.segment.map(names(store)).astype("string")
    return scored.assign(name=called)[["customer", "segment", "name", "margin", "remark"]]


def _id_column(project: Params, table: pd.DataFrame) -> str:
    people = project.sources.customers
    named = people.roles().get("customer") if people is not None else None
    return named if named is not None and named in table and "customer" not in table else "customer"


def write_scored(scored: pd.DataFrame, out: Path) -> None:
    """Write scored customers as CSV or Parquet, readable by their owner alone.

    Raises
    ------
    RunError
        If the name ends otherwise, or the folder is not there.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise RunError(f"--out {out.name}: allowed: a name that ends in .csv or .parquet")
    if not out.absolute().parent.is_dir():
        raise RunError(f"--out {out}: the folder is not there; make it first")
    with Store(out.absolute().parent)._replacing(out.absolute(), private=True) as temporary:
        if out.suffix == ".parquet":
            write_frame(scored, temporary)
        else:
            temporary.write_text(as_csv(scored), encoding="utf-8")


def as_csv(scored: pd.DataFrame) -> str:
    """Write scored customers as CSV, with texts that a spreadsheet will not run."""
    texts = ["name", "remark"] if scored.customer.dtype.kind in "iuf" else ["customer", "name", "remark"]
    safe = scored.assign(**{c: scored[c].map(defused, na_action="ignore") for c in texts})
    return safe.to_csv(index=False, lineterminator="\n")


def keep_scripts(
    store: Store,
    segmentation: scoring.StoredSegmentation,
    called: dict[int, str],
    features: pd.DataFrame,
    sources: scoring.SourceTables | None,
) -> pd.DataFrame:
    """Write the scripts that score elsewhere to the folder `scoring/` of a run, readable by its owner alone.

    Parameters
    ----------
    store
        The run.
    segmentation
        What is written.
    called
        Names of the segments, by number.
    features
        The table `features` of the run.
    sources
        From which features are computed; none if ids of different sources are not written alike.

    Returns
    -------
    pandas.DataFrame
        The table `scripts`, one row per database.
    """
    written, reason = scoring.scripts(segmentation, store.title, called)
    shutil.rmtree(store.root / SCRIPTS, ignore_errors=True)
    alike = "ids of the sources are not written alike"
    computed: dict[str, str] = {}
    whys = dict.fromkeys(scoring.TITLES, reason or alike)
    if sources is not None and written:
        computed, whys = scoring.feature_scripts(segmentation, features, sources, store.title)
    rows = []
    for dialect, title in scoring.TITLES.items():
        file = f"segments.{dialect}.sql" if dialect in written else ""
        if file:
            store.write_text(written[dialect], SCRIPTS, file, private=True)
        before = f"features.{dialect}.sql" if dialect in computed else ""
        if before:
            store.write_text(computed[dialect], SCRIPTS, before, private=True)
        row = {"database": title, "file": file, "reason": reason}
        rows.append(row | {"features": before, "features_reason": whys.get(dialect, "")})
    return pd.DataFrame(rows)
