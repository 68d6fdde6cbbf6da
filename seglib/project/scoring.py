"""New customers scored with the segmentation of a run, and the scripts that score them elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.collect import sources
from seglib.errors import RunError
from seglib.implement import scoring
from seglib.project import params as parameters
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
    project = parameters.load(Path(params))
    store = Store(reports / project.name / project.as_of.isoformat())
    if not store.has("structure"):
        raise RunError(
            f"{store.title}: there is no segmentation; run it first: seglib run {params} --to segment"
        )
    segmentation, place = stored(store), Path(customers).name
    spec: dict[str, Any] = {"path": str(Path(customers).absolute())}
    table = sources.open_source(sources.connect(), "customers", Path.cwd(), spec).table.to_pandas()
    table = table.rename(columns={_id_column(project, table): "customer"})
    if "customer" not in table:
        table = table.assign(customer=range(1, len(table) + 1))
    decimal = getattr(project.sources.customers, "decimal", None) or "."
    rows = scoring.accepted(segmentation, table, place, project.levels, decimal)
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
    store: Store, segmentation: scoring.StoredSegmentation, called: dict[int, str]
) -> pd.DataFrame:
    """Write the scripts that score elsewhere to the folder `scoring/` of a run, readable by its owner alone.

    Returns
    -------
    pandas.DataFrame
        The table `scripts`, one row per database.
    """
    written, reason = scoring.scripts(segmentation, store.title, called)
    shutil.rmtree(store.root / SCRIPTS, ignore_errors=True)
    rows = []
    for dialect, title in scoring.TITLES.items():
        file = f"segments.{dialect}.sql" if dialect in written else ""
        if file:
            store.write_text(written[dialect], SCRIPTS, file, private=True)
        rows.append({"database": title, "file": file, "reason": reason})
    return pd.DataFrame(rows)
