"""What is decided upon: the tables of a run, joined to one row per segment."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd
import yaml

from seglib.report.context import Context
from seglib.report.page import TEMPLATES
from seglib.report.profiles import published

#: What the page reads, says and gives away.
PARTS: dict[str, Any] = yaml.safe_load((TEMPLATES / "decision.yaml").read_text(encoding="utf-8"))
#: Tables that every decided run has, and those that are read where a run has them.
TABLES, ALSO = tuple(PARTS["tables"]), tuple(PARTS["also"])
#: What a card shows of each table that not all runs have, or not of all segments.
_BUDGET = (
    *("unknown_reason", "learned_from", "cost", "cost_from", "effect", "break_even", "budget", "contacts"),
    *("profit", "profit_low", "profit_high", "total"),
)
_POWER = (
    *("held_out", "outcome", "effect", "visible", "shows"),
    *("test_contacts", "test_held_out", "test_fits", "advice"),
)
_LIFETIME = ("per_customer", "per_customer_low", "per_customer_high")
_HABITS = ("stops", "peak", "price")
_OFFERS = ("buys_more", "when", "through", "discount", "next_products", "missing")


class Case:
    """The tables of a run, for the page that decides.

    Parameters
    ----------
    facts
        The provenance strip.
    tables
        Those named in `TABLES`, and in `ALSO` as far as there are some.
    terms
        What everything is shown under.
    """

    def __init__(self, facts: dict[str, str], tables: dict[str, pd.DataFrame], terms: Context) -> None:
        self.facts, self.tables, self.terms = facts, tables, terms
        self.structure = pd.concat([tables["structure"].iloc[0], tables["terms"].iloc[0]])
        self.min_cell = terms.min_cell

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Join what is known of each segment: one row each, in the order of the ranking."""
        tables = self.tables
        made = (
            tables["ranking"]
            .rename(columns={"play": "best_play"})
            .merge(tables["value"].drop(columns="name"), on="segment")
            .merge(tables["plays"].drop(columns="target"), on="segment")
            .merge(tables["segment_stability"][["segment", "stability"]], on="segment")
            .merge(tables["sensitivity"][["segment", "chance_target"]], on="segment")
            .merge(tables["portraits"][["segment", "given_name", "portrait"]], on="segment")
        )
        generated = tables["portraits"].set_index("segment").name
        made["generated"] = made.segment.map(generated)
        more = {
            "budget": _BUDGET,
            "lifetime": _LIFETIME,
            "offers": _OFFERS,
            "habits": _HABITS,
            "power": _POWER,
        }
        for name, columns in more.items():
            own = self.optional(name, ("segment", *columns))
            own = own.rename(columns={"effect": "compared"}) if name == "power" else own
            made = made.merge(own, on="segment", how="left")
        return made.sort_values("rank", kind="stable", ignore_index=True)

    @property
    def targets(self) -> pd.DataFrame:
        """The segments that are chosen."""
        return self.rows[self.rows.target]

    @property
    def others(self) -> pd.DataFrame:
        """The segments that are not."""
        return self.rows[~self.rows.target]

    @cached_property
    def margin(self) -> bool:
        """Whether a margin is known: amounts are profit, else revenue."""
        return bool(self.structure.margin_from != "none")

    @cached_property
    def basis(self) -> str:
        """What decides: profit, return, points, stake or none."""
        return str(self.structure.basis)

    @cached_property
    def cautions(self) -> list[dict[str, Any]]:
        """The cautions of the run, each with the name of its segment, and its facts fit to be shown."""
        table = self.optional(
            "cautions", ("stage", "code", "severity", "segment", "share", "number", "text", "behind")
        )
        hidden = self.terms.hides
        return [
            row
            | {
                "segment": None if pd.isna(row["segment"]) else int(row["segment"]),
                "few": bool(pd.notna(row["behind"]) and hidden(row["behind"])),
                "strict": self.terms.strict,
                "min_cell": self.min_cell,
            }
            for row in table.to_dict("records")
        ]

    @cached_property
    def valued(self) -> bool:
        """Whether shares of value mean something."""
        return "value_share" in self.rows and bool(self.rows.value_share.notna().all())

    @cached_property
    def budgeted(self) -> bool:
        """Whether there was a budget, and something to spend it on."""
        return bool(self.targets.total.notna().any()) and not self.optional("splits").empty

    def handed_over(self, row: pd.Series) -> dict[str, Any] | None:
        """Return whom stage 06 selected for the play of a target, and why not the others; none before it has run."""
        arms, funnel = (self.optional(name) for name in ("arms", "funnel"))
        own = arms[(arms.segment == row.segment) & (arms.play == row.play)] if "play" in arms else arms
        if own.empty:
            return None
        numbers = own[["contacted", "held_out", "universal"]].iloc[0].astype(int)
        gone = funnel[(funnel.segment == row.segment) & (funnel.removed > 0) & (funnel.step != "selected")]
        return {
            "contacted": int(numbers.contacted),
            "held_out": int(numbers.held_out + numbers.universal),
            "profit": own.profit.iloc[0] if "profit" in own else None,
            "gone": [{"customers": int(r.removed), "reason": r.reason} for r in gone.itertuples()],
            "hidden": any(self.terms.hides(n) for n in (*numbers, *gone.removed) if n),
        }

    def from_selected(self, row: pd.Series) -> float | None:
        """Return what a target is expected to earn from whom stage 06 selected.

        None before that stage has run, where no profit is expected, and where a number would reveal few.
        """
        handed = self.handed_over(row)
        if handed is None or handed["hidden"] or pd.isna(row.profit) or pd.isna(handed["profit"]):
            return None
        return float(handed["profit"])

    def optional(self, name: str, columns: tuple[str, ...] = ()) -> pd.DataFrame:
        """Return a table that a run may not have, or some of its columns, missing where it has none."""
        table = self.tables.get(name)
        if table is None:
            return pd.DataFrame(
                {c: pd.Series(dtype="Int64" if c == "segment" else "object") for c in columns}
            )
        return table.reindex(columns=list(columns)) if columns else table

    def profile(self, segment: int) -> pd.DataFrame:
        """Return the segmentation variables of one segment, farthest from all customers first."""
        own = published(self.tables["profiles"], self.min_cell)
        own = own.query("segment == @segment and segmentation")
        return own.assign(size=own.distance.abs()).sort_values(["size", "feature"], ascending=[False, True])
