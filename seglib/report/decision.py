"""The decision page: whom to go after and why, first; the evidence second."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pandas as pd

from seglib import plots
from seglib.disclosure import behind
from seglib.report.display import TAGS, Html, figure, registered, table
from seglib.report.evaluation_plot import evaluation_plot
from seglib.report.page import links, published, style
from seglib.report.words import count, listed, marked, money, plural, share

TABLES = ("ranking", "plays", "profiles", "value", "scorecard", "recovery", "structure",
          "ledger", "candidates", "terms", "sensitivity")  # fmt: skip
_HEADINGS = {
    "retention": "Whom to keep, and how", "growth": "Where to grow, and how",
    "acquisition": "Whom to win, and how", "service": "Whom to serve better, and how",
}  # fmt: skip
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
    undefined=jinja2.StrictUndefined,
)  # fmt: skip
_MAIN = ("customers", "transactions")
_FOOTER = "Made by seglib. Every sentence with a number in it was generated from the tables of this run."


def unfinished(facts: dict[str, str], files: dict[str, str], why: str) -> str:
    """Render the page of a run that did not reach a decision."""
    return _ENVIRONMENT.get_template("decision.html.j2").render(
        heading=_HEADINGS[facts["objective"]], facts=facts, links=links(files, "decision"),
        style=style("decision.css"), failed=why, footer=_FOOTER,
    )  # fmt: skip


class Decision:
    """The decision of a run, from its tables.

    Parameters
    ----------
    facts
        The provenance strip.
    tables
        The tables named in `TABLES`.
    currency
        ISO 4217, or nothing.
    """

    def __init__(self, facts: dict[str, str], tables: dict[str, pd.DataFrame], currency: str | None) -> None:
        self.facts, self.tables, self.currency = facts, tables, currency
        self.rows = (
            tables["ranking"]
            .merge(tables["value"].drop(columns="name"), on="segment")
            .merge(tables["plays"].drop(columns="target"), on="segment")
            .merge(tables["recovery"][["segment", "recovery"]], on="segment")
            .merge(tables["sensitivity"][["segment", "chance_target"]], on="segment")
            .sort_values("rank", ignore_index=True)
        )
        self.targets = self.rows[self.rows.target]
        self.others = self.rows[~self.rows.target]
        self.structure = pd.concat([tables["structure"].iloc[0], tables["terms"].iloc[0]])
        self.min_cell = int(self.structure.min_cell)
        self.valued = "value_share" in self.rows and bool(self.rows.value_share.notna().all())

    def summary(self) -> pd.DataFrame:
        """Give the decision as a table to take along: one row per segment."""
        columns = ["rank", "name", "target", "decided_by", "customers", "share", "value", "value_share",
                   "recovery", "attractiveness", "strength", "score", "play", "message", "offer", "channel", "timing",
                   "measure"]  # fmt: skip
        return self.rows[[c for c in columns if c in self.rows]]

    def least(self, *pieces: str) -> str:
        """State the smallest group of customers that anything on the page stands for.

        Parameters
        ----------
        pieces
            The figures and tables of the page, which know it of themselves.
        """
        numbers = behind(self.rows, "customers", ["at_risk"]).min()
        return published(f"<p{registered(numbers, self.min_cell)}>", *pieces)

    # Sentences

    def lead(self) -> str:
        """Recommend, in one paragraph."""
        n = len(self.rows)
        if n == 1:
            return (
                "**There are no segments to choose from.** Serve all customers alike until there is more to tell "
                "them apart; orders would allow rules."
            )
        if self.targets.empty:
            return (
                f"No segment of the {n} is recommended as a target. **{self.rows.decided_by.iloc[0].capitalize()}.** "
                "Serve all customers alike until there is more to tell them apart."
            )
        names = "; ".join(f"**{_lower(name)}**" for name in self.targets.name)
        brings = f" and bring {share(self.targets.value_share.sum())} of value" if self.valued else ""
        is_one = len(self.targets) == 1
        rest = n - len(self.targets)
        leave = f" Leave the other {'one' if rest == 1 else plural(rest, 'segment')} alone." if rest else ""
        return (
            f"Go after {plural(len(self.targets), 'segment')} of {n}: {names}. "
            f"{'It is' if is_one else 'They are'} {share(self.targets.share.sum())} of customers"
            f"{brings.replace(' bring', ' brings' if is_one else ' bring')}.{leave}"
        )

    def _tiles(self) -> list[dict[str, str]]:
        if len(self.rows) == 1:
            return [{"number": count(self.rows.customers.sum()), "text": "customers, one segment"}]
        tiles = [{"number": count(self.targets.customers.sum()),
                  "text": f"customers in the {_targets(len(self.targets))}"}]  # fmt: skip
        if self.valued:
            tiles.append({"number": money(self.targets.value.sum(), self.currency),
                          "text": "value that they have brought"})  # fmt: skip
            tiles.append({"number": share(self.targets.value_share.sum()), "text": "of all value"})
        else:
            tiles.append({"number": share(self.targets.share.sum()), "text": "of all customers"})
        if self.structure.rules:
            return [*tiles, {"number": str(len(self.rows)), "text": f"segments, by rules: {self.structure.rules}"}]
        chosen = self.tables["candidates"].query("chosen").iloc[0]
        also = self.tables["candidates"].query("admissible and not chosen and method == @chosen.method").k
        nearly = f"; {listed(map(str, also), 'and')} segments are found again too" if len(also) else ""
        tiles.append({"number": str(len(self.rows)), "text": f"segments, by {chosen.method}{nearly}"})
        return tiles

    def _why(self) -> list[str]:
        terms = self.structure
        says = [f"The ranking follows the weights for **{self.facts['objective']}**: {terms.weights}."]
        if terms.strength_share:
            says.append(f"Own strength makes {share(terms.strength_share)} of the score: {terms.strengths}.")
        says.append("Each criterion runs from 0 for the lowest of these segments to 1 for the highest.")
        if terms.unmeasured:
            says.append(f"Not measured in these data, and so without weight: {terms.unmeasured}.")
        ordered = self.rows.sort_values("score", ascending=False)
        first, last = ordered.iloc[0], ordered.iloc[-1]
        says.append(f"**{first['name']}** comes first (score {first.score:.2f} of 1), "
                    f"{_lower(last['name'])} last ({last.score:.2f}).")  # fmt: skip
        because = ", because no segments were found," if self.structure.rules else ""
        by = f" by the rules of the {self.structure.rules}" if self.structure.rules else ""
        says.append(f"Segments were formed{by}{because} from {self.structure.formed_from}. Everything else "
                    "describes them and did not form them.")  # fmt: skip
        return [marked(s) for s in says]

    def _portrait(self, row: pd.Series) -> str:
        loud = self._profile(row.segment).query("stands_out").head(4)
        if loud.empty:
            return "Nothing sets them apart from all customers."
        return f"Typical of them (of all): {'; '.join(self._compared(r) for r in loud.itertuples())}."

    def _compared(self, r: object) -> str:
        """Say one feature of a segment against all customers."""
        if not pd.isna(r.answer) or r.unit == "share":
            here, everywhere = share(r.typical), share(r.overall)
        elif r.unit and r.unit == self.currency:
            here, everywhere = money(r.typical, r.unit), money(r.overall, r.unit)
        else:
            here, everywhere = _number(r.typical), _number(r.overall)
        return f"{_lower(r.label)} {here} ({everywhere})"

    def _profile(self, segment: int) -> pd.DataFrame:
        own = self.tables["profiles"].query("segment == @segment and segmentation").copy()
        return own.assign(size=own.distance.abs()).sort_values("size", ascending=False)

    def _card(self, row: pd.Series) -> dict[str, object]:
        numbers = [{"text": "customers", "number": count(row.customers)}]
        if self.valued:
            numbers.append({"text": "of value", "number": share(row.value_share)})
        else:
            numbers.append({"text": "of customers", "number": share(row.share)})
        numbers.append({"text": "found again", "number": share(row.recovery)})
        numbers.append({"text": "chosen again", "number": share(row.chance_target)})
        if "at_risk" in row and row.at_risk == row.at_risk:
            numbers.append({"text": "at risk", "number": share(row.at_risk)})
        loud = self._profile(row.segment).head(5)
        alt = f"{row['name']}: " + "; ".join(f"{r.label} {r.distance:+.1f}" for r in loud.itertuples())
        drawn = figure(plots.lollipops(loud, plots.colour(row.segment - 1)), title=row["name"], alt=alt,
                       caption="What sets them apart: right is more than all customers, left is less "
                              "(in standard deviations)", min_cell=self.min_cell)  # fmt: skip
        play = [("Play", f"**{row.play}.** {row.message}"), ("Why", row.because),
                ("Offer", row.offer), ("When", row.timing),
                ("Through", row.channel), ("Measure", row.measure)]  # fmt: skip
        return {
            "rank": row["rank"], "name": row["name"], "colour": plots.colour(row.segment - 1), "numbers": numbers,
            "portrait": marked(self._portrait(row)), "figure": drawn,
            "play": [{"what": what, "text": marked(text)} for what, text in play],
        }  # fmt: skip

    def _why_figure(self) -> Html:
        share = float(self.structure.strength_share)
        return evaluation_plot(self.tables["ranking"], self.tables["value"], share, self.min_cell)

    def _others_table(self) -> Html:
        columns = [
            "name",
            "customers",
            *(["value_share"] if self.valued else ["share"]),
            "decided_by",
            "play",
        ]
        shown = self.others[columns].assign(play="leave alone; serve as before")
        return table(shown, caption="Segments left alone, and the rule that decided",
                     labels={"name": "Segment", "customers": "Customers", "value_share": "Of value",
                             "share": "Of customers", "decided_by": "Decided by", "play": "Instead"},
                     shares=["value_share", "share"], row_names="name",
                     customers=self.others.customers, min_cell=self.min_cell, totals=())  # fmt: skip

    def _trust_figure(self) -> Html:
        floor = float(self.structure.min_recovery)
        tints = [plots.BAD if r.recovery < floor else plots.colour(r.segment - 1) if r.target else plots.MUTE
                 for r in self.rows[["recovery", "segment", "target"]].itertuples()]  # fmt: skip
        drawn = plots.bars(self.rows.set_index("name").recovery, tints, floor, f"{floor:.0%} asked for", 1.0)
        return figure(drawn, title="Are the same segments found again in other samples?",
                      alt="; ".join(f"{n} is found again to {share(r)}" for n, r in
                                    zip(self.rows.name, self.rows.recovery, strict=True)),
                      caption=f"Mean Jaccard similarity over {int(self.structure.resamples)} resamples.")  # fmt: skip

    def _left_out(self) -> list[str]:
        """Say per source what was left out, and by which rule most of it."""
        said = []
        ledger = self.tables["ledger"]
        for source, rules in ledger[ledger.source.isin(_MAIN)].groupby("source", sort=False):
            start, dropped = int(rules.rows_in.iloc[0]), rules[rules.dropped > 0]
            few = source == "customers" and 0 < dropped.dropped.sum() < self.min_cell
            if dropped.empty:
                said.append(f"all {count(start)} rows of {source} were kept")
            elif few:
                said.append(f"fewer than {self.min_cell} of {count(start)} rows of {source} left out")
            else:
                worst = dropped.loc[dropped.dropped.idxmax()]
                said.append(f"{share(dropped.dropped.sum() / start)} of {count(start)} rows of {source} left out, "
                            f"most by the rule “{worst.rule}”{self._worth(worst.value)}")  # fmt: skip
            for back in rules[rules.set_aside > 0].itertuples():
                said.append(f"returns and cancellations{self._worth(back.value)} set against their customers")
        return said

    def _worth(self, value: float) -> str:
        return f" ({money(abs(value), self.currency)})" if value == value and round(value, 2) else ""

    def _trust(self) -> list[str]:
        says = [f"**Data:** {'; '.join(self._left_out())}."]
        weak = self.rows[self.rows.recovery < float(self.structure.min_recovery)]
        if len(weak):
            says.append(f"**Not to be trusted:** {listed(_lower(n) for n in weak.name)} "
                        f"{'is' if len(weak) == 1 else 'are'} found again too seldom.")  # fmt: skip
        sure = self.tables["sensitivity"].iloc[0]
        if sure.call == "too close to call":
            says.append(f"**Too close to call:** {sure.call_reason}")
        elif sure.call == "clear":
            says.append(f"**The ranking is clear:** {sure.call_reason}")
        if self.structure.beside:
            says.append(f"**Beside the usual rules:** {self.structure.beside}")
        if self.structure.left_out:
            says.append(f"**Not segmented:** {self.structure.left_out}")
        says.append("**Response is not known:** no campaign has been measured, so no return is promised. In "
                    "every play keep a holdout: a random group that gets no campaign.")  # fmt: skip
        return [marked(s) for s in says]

    def render(self, files: dict[str, str]) -> str:
        """Render the page.

        Parameters
        ----------
        files
            Stage to file name, of the pages of this run.
        """
        n = len(self.targets)
        why_figure, others, trust_figure = self._why_figure(), self._others_table(), self._trust_figure()
        cards = [self._card(row) for _, row in self.targets.iterrows()]
        heading = "Why these" if n != 1 else "Why this one"
        return _ENVIRONMENT.get_template("decision.html.j2").render(
            heading=_HEADINGS[self.facts["objective"]], facts=self._facts(), links=links(files, "decision"),
            style=style("decision.css"), failed="", footer=_FOOTER, lead=marked(self.lead()),
            structure=self.structure.structure, tone=TAGS[self.structure.structure],
            structure_says=marked(self.structure.reason + self._rules()), tiles=self._tiles(),
            single=len(self.rows) == 1, why_heading=heading, why=self._why(), why_figure=why_figure,
            cards=cards, others=others, trust_figure=trust_figure, trust=self._trust(),
            least=self.least(why_figure, others, *(card["figure"] for card in cards)),
        )  # fmt: skip

    def _rules(self) -> str:
        if self.structure.rules in ("", "nothing"):
            return ""
        return f" The segments below are those of the usual rules ({self.structure.rules}), not found in the data."

    def _facts(self) -> dict[str, str]:
        extra = {"customers": count(self.rows.customers.sum())}
        if self.valued:
            extra["value"] = money(self.rows.value.sum(), self.currency)
        return self.facts | extra


def _lower(text: str) -> str:
    """Begin a phrase small inside a sentence, unless its first word is written in capitals."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _targets(n: int) -> str:
    return "target" if n == 1 else f"{n} targets"


def _number(x: float) -> str:
    return f"{x:,.0f}" if abs(x) >= 10 or x == int(x) else f"{x:.1f}"
