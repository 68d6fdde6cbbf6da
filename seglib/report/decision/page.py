"""The decision page, from its parts."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pandas as pd

from seglib.privacy.disclosure import behind
from seglib.report.decision import recommendation, trust
from seglib.report.decision.cards import card
from seglib.report.decision.case import Case
from seglib.report.display import TAGS, Html, registered
from seglib.report.evaluation_plot import evaluation_plot
from seglib.report.legacy import table
from seglib.report.page import links, published, style
from seglib.report.words import count, marked, money

_HEADINGS = {
    "retention": "Whom to keep, and how",
    "growth": "Where to grow, and how",
    "acquisition": "Whom to win, and how",
    "service": "Whom to serve better, and how",
}
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_FOOTER = "Made by seglib. Every sentence with a number in it was generated from the tables of this run."


def unfinished(facts: dict[str, str], files: dict[str, str], why: str) -> str:
    """Render the page of a run that did not reach a decision."""
    return _ENVIRONMENT.get_template("decision.html.j2").render(
        heading=_HEADINGS[facts["objective"]],
        facts=facts,
        links=links(files, "decision"),
        style=style("decision.css"),
        failed=why,
        footer=_FOOTER,
    )


class Decision:
    """The decision of a run, from its tables; parameters are those of `Case`."""

    def __init__(self, facts: dict[str, str], tables: dict[str, pd.DataFrame], currency: str | None) -> None:
        self.case = Case(facts, tables, currency)

    def summary(self) -> pd.DataFrame:
        """Give the decision as a table to take along: one row per segment."""
        columns = [
            "rank",
            "name",
            "generated",
            "target",
            "decided_by",
            "customers",
            "share",
            "value",
            "value_share",
            "recovery",
            "chance_target",
            "attractiveness",
            "strength",
            "score",
            "portrait",
            "play",
            "message",
            "offer",
            "channel",
            "timing",
            "measure",
            "budget",
            "contacts",
            "profit",
            "profit_low",
            "profit_high",
        ]
        return self.case.rows[[c for c in columns if c in self.case.rows]]

    def least(self, *pieces: str) -> str:
        """State the smallest group of customers that anything on the page stands for.

        Parameters
        ----------
        pieces
            The figures and tables of the page, which know it of themselves.
        """
        numbers = behind(self.case.rows, "customers", ["at_risk"]).min()
        return published(f"<p{registered(numbers, self.case.min_cell)}>", *pieces)

    def render(self, files: dict[str, str]) -> str:
        """Render the page.

        Parameters
        ----------
        files
            Stage to file name, of the pages of this run.
        """
        case, structure = self.case, self.case.structure
        ranked, value = case.tables["ranking"], case.tables["value"]
        plot = evaluation_plot(ranked, value, float(structure.strength_share), case.min_cell)
        left, sure = self._others(), trust.trust_figure(case)
        cards = [card(case, row) for _, row in case.targets.iterrows()]
        return _ENVIRONMENT.get_template("decision.html.j2").render(
            heading=_HEADINGS[case.facts["objective"]],
            facts=self._facts(),
            links=links(files, "decision"),
            style=style("decision.css"),
            failed="",
            footer=_FOOTER,
            lead=marked(recommendation.lead(case)),
            structure=structure.structure,
            tone=TAGS[structure.structure],
            structure_says=marked(structure.reason + self._rules()),
            call=self._call(),
            tiles=recommendation.tiles(case),
            single=len(case.rows) == 1,
            why_heading="Why this one" if len(case.targets) == 1 else "Why these",
            why=[marked(s) for s in recommendation.why(case)],
            why_figure=plot,
            cards=cards,
            others=left,
            trust_figure=sure,
            trust=[marked(s) for s in trust.trust(case)],
            least=self.least(plot, left, *(c["figure"] for c in cards)),
        )

    def _others(self) -> Html:
        return table(
            trust.others(self.case),
            caption="Segments not chosen, and the rule that decided",
            labels={
                "name": "Segment",
                "customers": "Customers",
                "value_share": "Of value",
                "share": "Of customers",
                "decided_by": "Decided by",
                "instead": "Instead",
            },
            shares=["value_share", "share"],
            row_names="name",
            customers=self.case.others.customers,
            min_cell=self.case.min_cell,
            totals=(),
        )

    def _call(self) -> str:
        sure = self.case.tables["sensitivity"].iloc[0]
        return marked(sure.call_reason) if sure.call == "too close to call" else ""

    def _rules(self) -> str:
        if self.case.structure.rules in ("", "nothing"):
            return ""
        return f" The segments below are those of the usual rules ({self.case.structure.rules}), not found in the data."

    def _facts(self) -> dict[str, str]:
        extra = {"customers": count(self.case.rows.customers.sum())}
        if self.case.valued:
            extra["value"] = money(self.case.rows.value.sum(), self.case.currency)
        return self.case.facts | extra
