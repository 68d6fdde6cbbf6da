"""What stage `implement` writes so that segments are assigned elsewhere: scripts, and the typing tool."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ibis
import pandas as pd

from seglib.collect import sources
from seglib.implement import typing
from seglib.implement.scoring import SourceTables, stored_segmentation
from seglib.project import scoring, typing_tool
from seglib.project.fingerprints import source_spec
from seglib.project.params import Params
from seglib.project.store import Store

#: What the table `joins` says of ids that are compared as they are.
AS_WRITTEN = "as they stand"


class Elsewhere:
    """The part of a run that writes the segmentation for other systems."""

    full: Params
    root: Path
    store: Store

    def keep_scripts(self) -> pd.DataFrame:
        """Write the scripts that score segments elsewhere to `scoring/`; return the table `scripts`."""
        model = self.read_model()  # type: ignore[attr-defined]
        features, segments, value = (self.read(t) for t in ("features", "segments", "value"))  # type: ignore[attr-defined]
        segmentation = stored_segmentation(model, features, segments)
        names = value.set_index("segment")["name"].to_dict()
        return scoring.keep_scripts(self.store, segmentation, names, features, self._source_tables())

    def _source_tables(self) -> SourceTables | None:
        """Describe the sources by their columns; nothing where ids are rewritten or some customers have no row."""
        joins = self.read("joins")  # type: ignore[attr-defined]
        sold = self.full.sources.transactions
        if (joins.compared != AS_WRITTEN).any() or (sold and sold.customers == "optional"):
            return None
        opened = {}
        for kind in self.full.sources.named():
            spec = source_spec(self.full, kind)
            there = sources.open_source(sources.engine_for([spec]), kind, self.root, spec)
            opened[kind] = replace(there, table=ibis.table(there.table.schema(), name=kind), forms={})
        return scoring.source_tables(self.full, opened)

    def keep_typing_tool(self) -> dict[str, pd.DataFrame]:
        """Choose the questions of the typing tool, write its files to `typing/`, and return its tables."""
        settings = self.full.implement.typing
        features, segments, variables, structure, value = (
            self.read(t)  # type: ignore[attr-defined]
            for t in ("features", "segments", "variables", "structure", "value")
        )
        catalogue = self.catalogue()  # type: ignore[attr-defined]
        customers = features.merge(segments[["customer", "segment"]], on="customer")
        chosen = typing.typing_tool(
            customers,
            customers.segment,
            typing_tool.candidates(catalogue, variables, list(structure.variables[0]), settings.descriptors),
            catalogue.set_index("feature").label.to_dict(),
            value.set_index("segment")["name"].to_dict(),
            (settings.fewest, settings.most),
            fewest=self.full.privacy.min_cell,
            seed=self.full.segment.seed,
        )
        typing_tool.keep_typing_tool(self.store, self.full.title, chosen)
        return typing.typing_tables(chosen)
