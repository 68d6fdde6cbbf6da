"""Numbers in the sentences of a run's pages, held against its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from bs4 import BeautifulSoup, Tag
from projects import ROOT

from seglib.catalogue import declaration, stage_of
from seglib.privacy import disclosure
from seglib.project.store import Store
from seglib.report.words import count, money, share

#: Tables of customers, and of what only counts rows of files: no sentence may quote the first.
_OF_CUSTOMERS = {
    "ids",
    "customers",
    "transactions",
    "returns",
    "events",
    "responses",
    "campaigns",
    "subscriptions",
    "features",
    "segments",
    "risk",
}
_NUMBER = re.compile(r"(?<![\w.,])[£€$¥]?\d[\d,]*(?:\.\d+)?(?: (?:m|bn)\b|k\b)?(?: ?%)?")
_DATE = re.compile(
    r"“[^”]*”|\d{4}-\d\d-\d\d|\b\d+-\d+\b|\d\d_[a-z]+|\d{1,2} [A-Z][a-z]+ \d{4}|\d{4}-\d\d(-\d\d)?|[A-Z][a-z]+ \d{4}"
)
#: Tables of no segment that pages 04 and 05 and the decision quote.
_QUOTED = {
    "structure",
    "terms",
    "ledger",
    "candidates",
    "splits",
    "drivers",
    "differences",
    "estimates",
    "references",
    "agreement",
    "moved",
}
#: Counts of a few things are not looked up.
_FEW = 20
#: Sums that sentences draw over the targets.
_SUMMED = (
    "customers",
    "share",
    "value",
    "value_share",
    "budget",
    "contacts",
    "contacted",
    "held_out",
    "profit",
    "next_budget",
    "next_profit",
)


#: Kinds of columns whose values are no shares.
_NO_SHARES = ("money", "count", "score", "key", "segment")


@dataclass(frozen=True)
class Claim:
    """A sentence, where it stands, and the segment that it is about unless it names one."""

    page: str
    text: str
    segment: int | None = None


def tokens(text: str) -> list[tuple[int, str]]:
    """List the numbers of a sentence, each with its place; those of dates, pages, bands and quoted names are none."""
    bare = _DATE.sub(lambda m: "·" * len(m[0]), text)
    return [(m.start(), _plain(m[0])) for m in _NUMBER.finditer(bare)]


def _plain(number: str) -> str:
    return number.lstrip("£€$¥−-").rstrip(".,").replace(" %", "%")


def written(value: float, currency: str | None = None, kind: str = "number") -> set[str]:
    """Write a number in all the ways that a page may; what is declared as money, a count or a score is no percentage."""
    x = abs(float(value))
    if not np.isfinite(x):
        return set()
    ways = {f"{x:,.{d}f}" for d in range(4)} | {f"{x:g}", f"{x:.3g}", count(x), money(x, currency)}
    if kind not in _NO_SHARES:
        ways |= {f"{100 * x:,.{d}f}{unit}" for d, unit in product(range(3), ("%", ""))}
        ways |= {share(x), f"{np.floor(100 * x + 1e-6):.0f}%"}
    return {_plain(w) for way in ways for w in (way, *(m[0] for m in _NUMBER.finditer(way)))}


@dataclass
class Evidence:
    """All numbers that the tables of a run hold, by segment, and those that are of no segment."""

    store: Store
    tables: dict[str, pd.DataFrame]
    currency: str | None
    texts: str = ""
    shuffled: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Evidence:
        """Read the tables of a run's folder."""
        store = Store(folder)
        params = store.manifest()["params"]
        tables = {
            name: store.read(name) for name in stage_of() if name not in _OF_CUSTOMERS and store.has(name)
        }
        used = {play for name in ("plays", "options", "power") for play in tables[name].play}
        plays = [p for p in yaml.safe_load((ROOT / "params" / "plays.yaml").read_text()) if p["play"] in used]
        texts = yaml.safe_dump(plays) + yaml.safe_dump(params)
        return cls(store, tables, params.get("currency"), texts)

    @cached_property
    def names(self) -> dict[str, int]:
        """Give the segment of each name, shown and generated, the longest first."""
        portraits = self.tables["portraits"]
        made = {
            name: s
            for c in ("name", "given_name")
            for name, s in zip(portraits[c], portraits.segment, strict=True)
            if pd.notna(name)
        }
        return dict(sorted(made.items(), key=lambda item: -len(item[0])))

    @cached_property
    def of_segment(self) -> dict[int, set[str]]:
        """Give the numbers in the rows of each segment."""
        made: dict[int, set[str]] = {int(s): set() for s in self.tables["portraits"].segment}
        for name, table in self.tables.items():
            if "segment" in table:
                for segment, rows in table.dropna(subset="segment").groupby("segment"):
                    where = self.shuffled.get(int(segment), int(segment))
                    if where in made:
                        made[where] |= self._numbers(name, rows.drop(columns="segment"))
                        made[where] |= self._bounds(rows)
        return made

    @cached_property
    def general(self) -> set[str]:
        """Give the numbers of no segment: of the params, the plays, other tables, and sums over the targets."""
        made = {token for _, token in tokens(self.texts)}
        for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", self.texts):
            made |= written(float(number), self.currency)
        for name, table in self.tables.items():
            if "segment" in table:
                made |= self._numbers(name, table[table.segment.isna()])
            elif name in _QUOTED:
                made |= self._numbers(name, table)
        return (
            made
            | self._sums()
            | set(map(str, range(_FEW)))
            | {"10,000", "90%", "95%", "1,000", "100%", "0%", "95", "100"}
        )

    def _sums(self) -> set[str]:
        ranking, made = self.tables["ranking"], set()
        for table in (t for t in self.tables.values() if "segment" in t):
            for column in [c for c in _SUMMED if c in table and pd.api.types.is_numeric_dtype(table[c])]:
                of_targets = table.segment.isin(ranking.segment[ranking.target])
                for rows in (table[of_targets], table):
                    made |= written(rows[column].astype(float).sum(), self.currency)
        plan = self.tables["budget"]
        if plan.total.notna().any():  # what is left over
            made |= written(plan.total.max() - plan.budget.sum(), self.currency)
        return made | self._pooled()

    def _pooled(self) -> set[str]:
        """Write means over all customers, of value, stake, risk, of the orders that a method foretold; and odds turned round."""
        value, rates = self.tables["value"], self.tables["hit_rates"]
        left_out = len(self.store.read("features")) - len(self.store.read("segments"))
        made = [float(left_out), value.value.sum() / value.customers.sum() if "value" in value else np.nan]
        churn, drivers, ranking = (self.tables[t] for t in ("churn", "drivers", "ranking"))
        staked = ranking[ranking.stake.notna()]
        if len(staked):
            made.append(float((staked.stake * staked.behind).sum() / staked.behind.sum()))
        least = self.store.manifest()["params"]["privacy"]["min_cell"]
        if (
            len(churn) and churn.unjudged.sum()
        ):  # those without a rhythm, and of them the late by that of others
            without = churn.unjudged.sum()
            made += [without / (without + churn.customers.sum()), churn.overdue.sum() / without]
        for _, answers in self.tables["satisfaction"].groupby("item").answers:
            shown = answers[~disclosure.hidden(answers, least).to_numpy(bool)]
            made += [answers.sum(), shown.sum()]
        at_risk = churn.at_risk.sum() / churn.customers.sum() if len(churn) else np.nan
        made += [at_risk, *(np.round(at_risk / step) * step for step in (0.05, 0.1, 0.25))]
        made += [
            1 / x for c in ("odds_ratio", "low", "high") if c in drivers for x in drivers[c].dropna() if x
        ]
        for _, rows in rates[rates.used & rates.gain.notna()].groupby("length"):
            n = rows.customers.sum()
            made += [
                n,
                (rows.rate * rows.customers).sum() / n,
                ((rows.rate - rows.gain) * rows.customers).sum() / n,
            ]
        return {way for number in made for way in written(number, self.currency)}

    def _numbers(self, name: str, table: pd.DataFrame) -> set[str]:
        kinds = {c: column.kind for c, column in declaration(name).columns.items()}
        numeric = table.select_dtypes("number").astype(float)
        if "chance_target" in numeric:  # a segment stays away from the targets in the other draws
            numeric = numeric.assign(away=1 - numeric.chance_target)
        if {"test_contacts", "test_held_out"} <= set(numeric):  # all customers of a test
            numeric = numeric.assign(tested=numeric.test_contacts + numeric.test_held_out)
        return {
            way
            for column in numeric
            for value in numeric[column].unique()
            for way in written(value, self.currency, kinds.get(column, "number"))
        }

    def _bounds(self, table: pd.DataFrame) -> set[str]:
        """Write the bounds of shares that would reveal few of so many customers."""
        if not {"customers", "share"} <= set(table):
            return set()
        least = 100 * self.store.manifest()["params"]["privacy"]["min_cell"]
        n = table.customers.astype(float).replace(0, np.nan).dropna()
        return {f"{np.ceil(least / k):.0f}%" for k in n} | {f"{np.floor(100 - least / k):.0f}%" for k in n}

    def quotes_a_segment(self, claim: Claim) -> bool:
        """Check whether a sentence about a segment has a number that only a row of a segment can hold."""
        named = claim.segment or any(name.casefold() in claim.text.casefold() for name in self.names)
        return bool(named) and any(t not in self.general for _, t in tokens(self._placed(claim.text)[0]))

    def unsupported(self, claim: Claim) -> list[str]:
        """List the numbers of a sentence that no table holds of the segment that they are about."""
        text, found = self._placed(claim.text)
        bad = []
        for at, token in tokens(text):
            before = [s for place, s in found if place <= at]
            about = before[-1:] or ([claim.segment] if claim.segment else [s for _, s in found[:1]])
            known = self.of_segment[about[0]] if about else set().union(*self.of_segment.values())
            if token not in known and token not in self.general:
                bad.append(token)
        return bad

    def _placed(self, text: str) -> tuple[str, list[tuple[int, int]]]:
        """Blank the names of segments, and give the place of each."""
        found = []
        for name, segment in self.names.items():
            for match in re.finditer(re.escape(name), text, flags=re.I):
                if not text[: match.start()].endswith("is ahead of "):  # which says something of who is ahead
                    found.append((match.start(), segment))
            text = re.sub(re.escape(name), lambda m: "·" * len(m[0]), text, flags=re.I)
        return text, sorted(found)


def claims(folder: Path) -> Iterator[Claim]:
    """List the sentences that a run has generated: on its pages, and on the decision page."""
    names = Evidence.of(folder).names
    for stage in ("04_assess", "05_target"):
        soup = BeautifulSoup((folder / f"{stage}.html").read_text(encoding="utf-8"), "html.parser")
        for piece in soup.select("p.say, p.verdict, figcaption"):
            yield from _sentences(stage, piece)
    soup = BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")
    for piece in soup.select("p.lead, p.verdict, .tile, .two p, ul.trust li, .two figcaption"):
        yield from _sentences("index", piece)
    for card in soup.select("article.card"):
        segment = names[card.h3.get_text(" ", strip=True)]
        for piece in card.select("p, dl.play dd"):
            yield from _sentences("index", piece, segment)


def _sentences(page: str, piece: Tag, segment: int | None = None) -> Iterator[Claim]:
    for part in re.split(
        r"(?<=[.!?])\s+(?=[A-Z*])", piece.get_text(" " if piece.name == "div" else "").strip()
    ):
        if tokens(part):
            yield Claim(page, re.sub(r"\s+", " ", part), segment)


def disagreeing(folder: Path) -> list[tuple[str, list[str], str]]:
    """List the sentences of a run whose numbers its tables do not hold: page, numbers, sentence."""
    evidence = Evidence.of(folder)
    return [(c.page, bad, c.text) for c in claims(folder) if (bad := evidence.unsupported(c))]
