"""The decision page, from its parts."""

from __future__ import annotations

from typing import Any

import jinja2
import pandas as pd

from seglib.catalogue import Column, View
from seglib.privacy.disclosure import behind
from seglib.report.context import Context, under
from seglib.report.decision import cautions, recommendation, trust
from seglib.report.decision.cards import card
from seglib.report.decision.case import PARTS, Case
from seglib.report.decision.changes import changes
from seglib.report.display import TAGS, registered
from seglib.report.evaluation_plot import evaluation_plot
from seglib.report.glossary import with_terms
from seglib.report.page import TEMPLATES, footer, links, published, style
from seglib.report.sentences import sentence
from seglib.report.tables import shown
from seglib.report.words import marked

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


def unfinished(facts: dict[str, str], files: dict[str, str], why: str) -> str:
    """Render the page of a run that did not reach a decision."""
    return _rendered(facts, files, failed=why)


def _rendered(facts: dict[str, str], files: dict[str, str], **parts: Any) -> str:
    common = {
        "failed": "",
        "heading": _said("heading", facts),
        "facts": facts,
        "links": links(files, "decision"),
    }
    common |= {"style": style("decision.css"), "footer": footer()}
    return _ENVIRONMENT.get_template("decision.html.j2").render(common | parts)


def _said(name: str, facts: dict[str, Any] | None = None) -> str:
    return sentence(name, facts, "decision")


def _full(matters: dict[str, Any]) -> list[dict[str, str]]:
    """Write the lines that every page has, as far as there is something to say; some say a caution in full."""
    codes = {name: code for code, name in cautions.SAID_IN_FULL.items()}
    said = ((name, _said(f"trust_{name}", matters)) for name in PARTS["trust"])
    return [
        {"code": codes.get(name, ""), "severity": "note", "text": marked(text)} for name, text in said if text
    ]


class Decision:
    """The decision of a run, from its tables.

    Parameters
    ----------
    facts, tables
        As `Case` takes them.
    terms
        Currency, smallest cell and names, under which everything is shown.
    """

    def __init__(self, facts: dict[str, str], tables: dict[str, pd.DataFrame], terms: Context) -> None:
        self.case = Case(facts, tables, terms)

    def summary(self) -> pd.DataFrame:
        """Return the decision as a table to take along, one row per segment, rounded as it is shown."""
        digits = PARTS["summary"]
        rows = self.case.rows[[c for c in digits if c in self.case.rows]]
        return rows.round({c: n for c, n in digits.items() if n})

    def least(self, *pieces: str) -> str:
        """State the smallest group of customers behind anything on the page; figures and tables know it themselves."""
        numbers = behind(self.case.rows, "customers").min()
        return published(f"<p{registered(numbers, self.case.min_cell)}>", *pieces)

    def render(self, files: dict[str, str]) -> str:
        """Render the page, with links to the pages of this run (stage to file name)."""
        with under(self.case.terms):
            return with_terms(_rendered(self._facts(), files, **self._parts(), changes=self._changes(files)))

    def _parts(self) -> dict[str, Any]:
        case, structure = self.case, self.case.structure
        plot = evaluation_plot(case.tables["ranking"], case.tables["value"], case.margin)
        cards = [card(case, row) for _, row in case.targets.iterrows()]
        matters, reasons = trust.trust(case), recommendation.why(case)
        others = shown(trust.others(case), self._view())
        simulated = case.tables["sensitivity"].iloc[0]
        return {
            "lead": marked(_said("lead", recommendation.lead(case))),
            "structure": structure.structure,
            "tone": TAGS[structure.structure],
            "structure_says": marked(f"{structure.reason} {_said('rules', {'rules': structure.rules})}"),
            "call": marked(simulated.call_reason) if simulated.call == "too close to call" else "",
            "tiles": [self._tile(tile) for tile in recommendation.tiles(case)],
            "single": len(case.rows) == 1,
            "why_heading": _said("why_heading", {"targets": len(case.targets)}),
            "why": [marked(_said(name, reasons)) for name in ("why_ranked", "why_robust", "why_formed")],
            "why_figure": plot,
            "cards": cards,
            "described": [] if cards else self._described(),
            "others": others,
            "trust_figure": trust.trust_figure(case),
            "trust": [*_full(matters), *cautions.elsewhere(case)],
            "least": self.least(plot, others, *(str(c["figure"]) for c in cards)),
        }

    def _described(self) -> list[dict[str, str]]:
        """Say what each segment is, for a page that chooses none."""
        rows = (row for _, row in self.case.rows.iterrows())
        return [{"name": row["name"], "portrait": marked(row.portrait)} for row in rows]

    def _changes(self, files: dict[str, str]) -> dict[str, Any] | None:
        """Say what changed since the run before, where page 07 is there."""
        said = changes(self.case) if "monitor" in files else None
        return said and said | {"page": files["monitor"]}

    @staticmethod
    def _tile(tile: dict[str, Any]) -> dict[str, str]:
        return {"number": _said(f"{tile['name']}_number", tile), "text": _said(tile["name"], tile)}

    def _view(self) -> View:
        part = "value_share" if self.case.valued else "share"
        heads = {"name": "text", "customers": "count", part: "share", "decided_by": "text", "instead": "text"}
        columns = {c: Column(kind, _said(f"others_{c}")) for c, kind in heads.items()}
        return View(_said("others_caption"), columns, "name", "customers")

    def _facts(self) -> dict[str, str]:
        numbers = {"customers": self.case.rows.customers.sum()}
        numbers |= {"value": self.case.rows.value.sum()} if self.case.valued else {}
        return self.case.facts | {name: _said(f"fact_{name}", numbers) for name in numbers}
