"""How a run follows the one before: the stored model, numbers of segments, names."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from seglib import monitor, report, segment
from seglib.catalogue import stage as record_of
from seglib.errors import RunError
from seglib.project.earlier import OF_PAST, EarlierRun, LeftOut, earlier_runs, past_of
from seglib.project.lock import TOKEN
from seglib.project.stored_model import OF_THE_MONTH, Decision, assigned, decide, lineage_of, model_print


@dataclass(frozen=True)
class Rescored:
    """Customers of this run, assigned by the stored model of the run before.

    Attributes
    ----------
    run
        Whose model assigned.
    segments
        The table `segments`.
    lineage
        The table `lineage`.
    """

    run: EarlierRun
    segments: pd.DataFrame
    lineage: pd.DataFrame


class Succession:
    """The part of a run that knows the runs before it."""

    @cached_property
    def _earlier(self: Any) -> tuple[list[EarlierRun], list[LeftOut]]:
        return earlier_runs(self.published.root.parent, self.full.as_of)

    @property
    def earlier(self: Any) -> list[EarlierRun]:
        """The runs of this project before this one that can be compared, oldest first."""
        return self._earlier[0]

    @property
    def left_out(self: Any) -> list[LeftOut]:
        """The runs before this one that cannot be compared, and why."""
        return self._earlier[1]

    @cached_property
    def decision(self: Any) -> Decision:
        """Whether the stored model assigns the customers of this run."""
        return decide(self.full, self.published)

    def rescored(self: Any) -> Rescored | None:
        """Assign the customers by the stored model; nothing where the engine fits the segments of this run."""
        if self.trial is not None or not os.environ.get(TOKEN) or self.decision.how != "re-scored":
            return None
        previous = self.decision.previous
        least = self.full.privacy.min_cell
        neighbours = previous.store.read("segment_stability").set_index("segment").neighbour
        segments = monitor.without_small(assigned(previous, self.read("features")), neighbours, least)
        return Rescored(previous, segments, self._lineage(self.decision, segments))

    def write_rescored(self: Any, rescored: Rescored | None) -> dict[str, Any] | None:
        """Write the tables of the segment stage: what the stored model was judged by, and this month's customers."""
        if rescored is None:
            return None
        source = rescored.run.store
        for name in record_of("segment").tables:
            if name not in OF_THE_MONTH and source.has(name):
                self.write(name, source.read(name))
        features, segments = self.read("features"), rescored.segments
        stability = monitor.sizes_now(source.read("segment_stability"), segments)
        structure = source.read("structure")
        both = segments.merge(features, on="customer")
        forming = [c for c in structure.variables.iloc[0] if c in both]
        not_segmented = len(features) - len(segments)
        structure = structure.assign(
            k=len(stability),
            smallest=stability.share.min(),
            not_segmented=not_segmented,
            left_out=report.text("not_segmented", not_segmented),
        )
        rules = segment.segment_rules(both[forming], both.segment, self.full.privacy.min_cell)
        of_month = {"segments": segments, "segment_stability": stability, "structure": structure}
        tables = self.write_all(of_month | {"segment_rules": rules, "lineage": rescored.lineage})
        if structure.rules.iloc[0] != "nothing":
            self.write_model(source.read_model("segmentation"))
        return tables

    def followed(self: Any, result: Any) -> Any:
        """Give the segments of a fit the numbers of those of the run before; write where they come from."""
        decision = self.decision if self.trial is None else Decision("fitted", "first")
        if decision.previous is None:
            self.write("lineage", self._lineage(decision, result.segments))
            return result
        if decision.how != "fitted":  # the notebook was run by itself, which fits
            decision = Decision("fitted", "notebook", decision.previous)
        numbers = self._identities(decision.previous, result.segments).numbers
        made = replace(
            result,
            segments=result.segments.assign(segment=result.segments.segment.map(numbers)),
            stability=result.stability.assign(
                segment=result.stability.segment.map(numbers),
                neighbour=result.stability.neighbour.map(numbers).astype("Int64"),
            ).sort_values("segment", ignore_index=True),
        )
        self.write("lineage", self._lineage(decision, made.segments))
        return made

    def _identities(self: Any, previous: EarlierRun, found: pd.DataFrame) -> Any:
        """Find which segment is which, by the stored model where it can assign, else by shared customers."""
        before = previous.store.read("segments")
        features = self.read("features")
        try:
            rescored = assigned(previous, features)
        except (RunError, KeyError, ValueError, AttributeError):
            rescored = before
        return monitor.identities(
            rescored.set_index("customer").segment,
            found.set_index("customer").segment,
            before.set_index("customer").segment,
            monitor.nearness(
                monitor.centres(previous.store.read("features"), before), monitor.centres(features, found)
            ),
            lineage_of(previous)["highest"],
        )

    def _lineage(self: Any, decision: Decision, segments: pd.DataFrame) -> pd.DataFrame:
        previous = decision.previous
        own, highest = self.full.as_of.isoformat(), int(segments.segment.max())
        was = lineage_of(previous) if previous else {"model_as_of": own, "highest": highest}
        row = {
            "how": decision.how,
            "why": decision.why,
            "what": list(decision.what),
            "model_as_of": was["model_as_of"] if decision.how == "re-scored" else own,
            "previous": previous.as_of.isoformat() if previous else None,
            "source": model_print(previous) if previous and decision.how == "re-scored" else "",
            "highest": max(highest, was["highest"]),
        }
        return pd.DataFrame([row]).astype({"previous": "string"})

    def names_before(self: Any) -> dict[int, str]:
        """Return the generated names of segments in the run before, by number."""
        if self.trial is not None or not self.earlier:
            return {}
        table = self.earlier[-1].table("portraits")
        return {} if table is None else table.set_index("segment")["name"].to_dict()

    # What the monitoring reads

    @cached_property
    def history(self: Any) -> list[monitor.Past]:
        """Runs that can be compared, the oldest first; the last is this one."""
        own = {name: self.read(name) for name in (*OF_PAST, "features", "risk") if self.has(name)}
        version = str(self.store.manifest().get("versions", {}).get("seglib", ""))
        return [*(past_of(run) for run in self.earlier), monitor.Past(self.full.as_of, own, version)]

    @property
    def previous(self: Any) -> monitor.Past | None:
        """The run before, with its features; nothing if this is the first."""
        return past_of(self.earlier[-1], "features", "risk", "budget", "catalogue") if self.earlier else None

    def year_ago(self: Any) -> monitor.Past | None:
        """Find the run of the same season a year before, with its features, if there is one."""
        near = monitor.a_year_before(self.history[:-1], self.full.as_of)
        return past_of(next(r for r in self.earlier if r.as_of == near.as_of), "features") if near else None

    def compared(self: Any, beside: bool = True) -> monitor.Compared | None:
        """Compare the segments of this run with the run before, refitting beside where the params allow it."""
        if self.previous is None:
            return None
        earlier, now = self.previous.tables, self.history[-1].tables
        fitted = now["lineage"].how.iloc[0] == "fitted"
        try:
            rescored = now["segments"] if not fitted else assigned(self.earlier[-1], now["features"])
        except (RunError, KeyError, ValueError, AttributeError):
            rescored = None
        found, usual = None, monitor.Usual()
        if beside and (fitted or self.full.monitor.refit != "never"):
            was = earlier["structure"].iloc[0]
            plan = monitor.Plan(
                self.full.segment, tuple(self.full.privacy.form_on), self.full.privacy.min_cell
            )
            catalogue = self.catalogue()
            if not fitted:
                found = self.remember(
                    monitor.refit, now["features"], catalogue, plan, int(was.k), earlier["features"]
                )
            usual = self.remember(
                monitor.usual,
                earlier["features"],
                earlier.get("catalogue", catalogue),
                earlier["segments"],
                was,
                plan,
            )
        highest = lineage_of(self.earlier[-1])["highest"]
        return monitor.Compared(now, earlier, rescored, found, usual, highest)

    def moved_since(self: Any) -> pd.DataFrame | None:
        """Find which movement each customer made since the run before; nothing if this is the first."""
        compared = self.compared(beside=False)
        if compared is None:
            return None
        before = past_of(self.earlier[-1], "risk")
        identities = monitor.succession(compared, {})
        moving = monitor.movements(before.tables["segments"], self.read("segments"), identities)
        now = self.read("risk") if self.has("risk") else None
        return monitor.at_risk(moving, before.tables.get("risk"), now)

    def names_of_all(self: Any) -> dict[int, str]:
        """Return what segments of this run and of the earlier ones are called, by number; the newest name counts."""
        names: dict[int, str] = {}
        for past in self.history:
            names |= past.names()
        return names

    def came_in(self: Any) -> tuple[dict[str, tuple[int, float]], dict[str, tuple[int, float]]]:
        """Count the rows that came in, by kind, and the days they reach back, in this run and in the one before."""
        kinds = ("customers", *self.full.sources.named())
        runs = ((self.published, self.params.as_of), (self.earlier[-1].store, self.earlier[-1].as_of))
        found = ({k: _rows(s, k, day) for k in dict.fromkeys(kinds)} for s, day in runs)
        return tuple({k: rows for k, rows in each.items() if rows} for each in found)  # type: ignore[return-value]


def _rows(store: Any, kind: str, as_of: dt.date) -> tuple[int, float] | None:
    """Count the rows of a table, and the days from the first to as_of, without reading it; customers have features."""
    name = "features" if kind == "customers" else kind
    path = store.root / "tables" / f"{name}.parquet"
    if not path.is_file():
        return None
    about = pq.ParquetFile(path).metadata
    groups = [about.row_group(i) for i in range(about.num_row_groups)]
    columns = [group.column(j) for group in groups for j in range(about.num_columns)]
    firsts = [
        column.statistics.min
        for column in columns
        if column.path_in_schema == "time" and column.statistics and column.statistics.has_min_max
    ]
    days = (pd.Timestamp(as_of) - pd.Timestamp(min(firsts))).days if firsts else float("nan")
    return about.num_rows, float(days)
