"""The stored model of an earlier run: whether it assigns the customers of this one, and the segments it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seglib import estimators
from seglib.catalogue import stage
from seglib.errors import RunError
from seglib.project.earlier import EarlierRun, earlier_runs
from seglib.project.params import Params
from seglib.project.store import Store, content_hash
from seglib.segment.segmentation import margin

#: Keys of `segment` that change which segments there are; others change only how they are tested.
FORMING = ("on", "exclude", "methods", "k", "min_share", "merge", "level", "max_missing")
#: Tables of the segment stage that are made from the customers of the month; all others are the model's own.
OF_THE_MONTH = ("segments", "segment_stability", "segment_rules", "structure", "lineage")


@dataclass(frozen=True)
class Decision:
    """Whether the stored model assigns the customers of a run.

    Attributes
    ----------
    how
        fitted or re-scored.
    why
        Code of the reason: first, params, gone, unreadable, columns, asked, verdict, stored.
    previous
        The run before, if there is one.
    what
        What the reason names: keys of the params, columns.
    """

    how: str
    why: str
    previous: EarlierRun | None = None
    what: tuple[str, ...] = ()


def decide(params: Params, store: Store) -> Decision:
    """Decide whether a run fits its segments, or has them from the stored model of the run before.

    A refit is recorded in run.json (`refit`), so that the same run is fitted when it runs again.
    """
    runs, _ = earlier_runs(store.root.parent, params.as_of)
    if not runs:
        return Decision("fitted", "first")
    previous = runs[-1]
    try:
        asked = store.manifest().get("refit")
    except RunError:
        asked = None
    if asked:
        return Decision("fitted", str(asked), previous)
    was = previous.params().get("segment", {})
    now = params.segment.model_dump(mode="json")
    changed = tuple(f"segment.{key}" for key in FORMING if was.get(key) != now[key])
    if changed:
        return Decision("fitted", "params", previous, changed)
    lacking = [t for t in stage("segment").tables if t != "lineage" and previous.table(t) is None]
    if lacking:
        return Decision("fitted", "older", previous, tuple(lacking))
    if _rules(previous) == "nothing":
        return Decision("re-scored", "stored", previous)
    path = previous.store.root / "model" / "segmentation.skops"
    if not path.is_file():
        return Decision("fitted", "gone", previous)
    try:
        model = previous.store.read_model("segmentation")
    except Exception:  # noqa: BLE001  (a model of another version fails in many ways)
        return Decision("fitted", "unreadable", previous)
    there = store.read("features").columns if store.has("features") else []
    absent = [c for c in needed(model, previous) if c not in there]
    return (
        Decision("fitted", "columns", previous, tuple(absent))
        if absent
        else Decision("re-scored", "stored", previous)
    )


def _rules(run: EarlierRun) -> str:
    return str(run.store.read("structure").rules.iloc[0])


def needed(model: Any, run: EarlierRun) -> list[str]:
    """List the features that a stored model takes."""
    known = getattr(model, "feature_names_in_", None)
    return (
        [str(c) for c in known] if known is not None else list(run.store.read("structure").variables.iloc[0])
    )


def model_print(run: EarlierRun) -> str:
    """Hash the stored model of a run and the segments that it gave; empty where all customers are one."""
    parts = [run.store.root / "model" / "segmentation.skops", run.store.root / "tables" / "segments.parquet"]
    return "".join(content_hash(p)[:16] for p in parts if p.is_file())


def lineage_of(run: EarlierRun) -> dict[str, Any]:
    """Return when the model of a run was fitted, and the highest number that a segment had until then."""
    table = run.table("lineage")
    highest = int(run.store.read("segments").segment.max())
    if table is None:
        return {"model_as_of": run.as_of.isoformat(), "highest": highest}
    row = table.iloc[0]
    return {"model_as_of": str(row.model_as_of), "highest": max(highest, int(row.highest))}


def assigned(run: EarlierRun, features: pd.DataFrame) -> pd.DataFrame:
    """Assign customers to the segments of a run by its stored model.

    Parameters
    ----------
    run
        Whose model assigns.
    features
        The table `features` of the customers.

    Returns
    -------
    pandas.DataFrame
        One row per customer of whom at least half of the variables are known, and of whom the logarithms that
        the model takes exist: customer, segment (in the numbers of the run), margin.

    Raises
    ------
    RunError
        If the run has no model that can be read.
    """
    if _rules(run) == "nothing":
        return pd.DataFrame({"customer": features.customer, "segment": 1, "margin": 1.0})
    model = run.store.read_model("segmentation")
    columns = needed(model, run)
    enough = features[columns].notna().mean(axis=1) >= 0.5
    if hasattr(model, "steps"):  # rules take features as they are
        enough &= estimators.computable(model[0], features)
    known = features[enough].reset_index(drop=True)
    codes = segment_codes(model, run, columns)
    segment = pd.Series(model.predict(known[columns])).map(codes)
    margins = (
        margin(model[-1], model[:-1].transform(known[columns]))
        if hasattr(model, "__getitem__")
        else np.ones(len(known))
    )
    table = pd.DataFrame({"customer": known.customer, "segment": segment, "margin": np.round(margins, 9)})
    return table.dropna(subset=["segment"]).astype({"segment": "int64"}).reset_index(drop=True)


def segment_codes(model: Any, run: EarlierRun, columns: list[str]) -> dict[Any, int]:
    """Find the segment that each code of a model is, from the customers of the run that it assigned."""
    both = run.store.read("segments")[["customer", "segment"]].merge(
        run.store.read("features"), on="customer"
    )
    codes = pd.Series(model.predict(both[columns]), index=both.index)
    return both.segment.groupby(codes).agg(lambda s: int(s.mode().iloc[0])).to_dict()
