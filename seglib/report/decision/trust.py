"""How far to trust the decision: what was left out, what came true, what is assumed."""

from __future__ import annotations

import pandas as pd

from seglib.assess.playbook import LEAVE_ALONE
from seglib.report import figures as plots
from seglib.report.decision.case import Case
from seglib.report.display import Html, figure
from seglib.report.words import count, listed, money, plural, share
from seglib.vocabulary import uncapitalised

_MAIN = ("customers", "transactions")


def trust_figure(case: Case) -> Html:
    """Draw how surely each segment comes back."""
    floor, rows = float(case.structure.min_recovery), case.rows
    tints = [
        plots.BAD if r.recovery < floor else plots.colour(r.segment - 1) if r.target else plots.MUTE
        for r in rows[["recovery", "segment", "target"]].itertuples()
    ]
    drawn = plots.bars(rows.set_index("name").recovery, tints, floor, f"{floor:.0%} asked for", 1.0)
    alt = "; ".join(f"{n} comes back to {share(r)}" for n, r in zip(rows["name"], rows.recovery, strict=True))
    return figure(
        drawn,
        title="Do the same segments come back in other samples?",
        alt=alt,
        caption=f"Mean Jaccard similarity over {int(case.structure.resamples)} resamples.",
    )


def trust(case: Case) -> list[str]:
    """Say how far to trust the decision, a sentence or two a matter."""
    said = [
        f"**Data left out:** {'; '.join(_left_out(case))}.",
        _weak(case),
        _line(case),
        _calibrated(case),
        _response(case),
        _season(case),
    ]
    if case.structure.beside:
        said.append(f"**Beside the usual rules:** {case.structure.beside}")
    if case.structure.left_out:
        said.append(f"**Not segmented:** {case.structure.left_out}")
    return [s for s in said if s]


def _left_out(case: Case) -> list[str]:
    """Say per source what was left out, and by which rule most of it."""
    said, ledger = [], case.tables["ledger"]
    for source, rules in ledger[ledger.source.isin(_MAIN)].groupby("source", sort=False):
        start, dropped = int(rules.rows_in.iloc[0]), rules[rules.dropped > 0]
        if dropped.empty:
            said.append(f"all {count(start)} rows of {source} were kept")
        elif source == "customers" and 0 < dropped.dropped.sum() < case.min_cell:
            said.append(f"fewer than {case.min_cell} of {count(start)} rows of {source} left out")
        else:
            worst = dropped.loc[dropped.dropped.idxmax()]
            said.append(
                f"{share(dropped.dropped.sum() / start)} of {count(start)} rows of {source} left out, "
                f"most by the rule “{worst.rule}”{_worth(case, worst.value)}"
            )
        said += [
            f"returns and cancellations{_worth(case, back.value)} set against their customers"
            for back in rules[rules.set_aside > 0].itertuples()
        ]
    return said


def _worth(case: Case, value: float) -> str:
    return f" ({money(abs(value), case.currency)})" if value == value and round(value, 2) else ""


def _weak(case: Case) -> str:
    weak = case.rows[case.rows.recovery < float(case.structure.min_recovery)]
    if weak.empty:
        return ""
    come = "comes" if len(weak) == 1 else "come"
    return f"**Not to be trusted:** {listed(uncapitalised(n) for n in weak['name'])} {come} back too seldom."


def _line(case: Case) -> str:
    sure = case.tables["sensitivity"].iloc[0]
    return f"**The ranking is clear:** {sure.call_reason}" if sure.call == "clear" else ""


def _calibrated(case: Case) -> str:
    """Say how near what was expected came to what happened."""
    told = case.optional("calibration")
    if told.empty or told.happened.isna().all():
        reasons = [r for r in case.optional("lifetime", ("reason",)).reason.dropna().unique() if r]
        return f"**Value ahead is not known:** {reasons[0]}." if reasons else ""
    known = told[told.ratio.notna()]
    every, own = known[known.segment.isna()], known[known.segment.notna()]
    says = [
        f"from {r.since.day} {r.since:%B %Y} on, purchases expected were {share(r.ratio)} of those that happened"
        for r in every.head(1).itertuples()
    ]
    if len(own):
        inside = int(own.covered.astype(bool).sum())
        says.append(f"{inside} of {plural(len(own), 'test')} by segment lie within the interval")
    return f"**Value expected and seen:** {'; '.join(says)}." if says else ""


def _response(case: Case) -> str:
    """Say what the expected gain stands on."""
    known = case.targets[case.targets.lacking.fillna("-") == ""]
    learned = known[known.learned_from != ""]
    holdout = "In every play keep a holdout: a random group that gets no campaign."
    if len(known) and len(learned) == len(known):
        return f"**Response is learned** from past campaigns with holdouts. {holdout}"
    if len(learned):
        names = listed(uncapitalised(n) for n in learned["name"])
        return (
            f"**Response is learned** from past campaigns for {names}, and assumed for the others. {holdout}"
        )
    measured = not case.optional("effects").empty
    seen = "past campaigns were not like these plays" if measured else "no campaign has been measured yet"
    if known.empty:
        return f"**No return is promised:** {seen}. {holdout}"
    return f"**Response is assumed** from the play's prior: {seen}. {holdout}"


def _season(case: Case) -> str:
    """Say so where a season was seen once only."""
    months = case.optional("seasons")
    if months.empty or months.cycles.max() >= 2:
        return ""
    return "**One year only:** no season was seen twice, so that a season cannot be told from an event."


def others(case: Case) -> pd.DataFrame:
    """List what was not chosen, by which rule, and what to do instead."""
    rows = case.others
    part = "value_share" if case.valued else "share"
    alone = "leave alone; serve as before"
    instead = [
        alone if r.play == LEAVE_ALONE else f"{r.play.lower()}: {uncapitalised(r.message)}"
        for r in rows.itertuples()
    ]
    return rows[["name", "customers", part, "decided_by"]].assign(instead=instead)
