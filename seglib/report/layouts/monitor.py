"""What changed since an earlier run, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.report.context import Context
from seglib.report.readings.monitor import shown_flows
from seglib.report.sentences import sentence
from seglib.report.words import coarse_share, share
from seglib.vocabulary import money


def migration(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape flows: those who stayed are left out, and those whose number could be worked out from others."""
    rows = shown_flows(table, terms)
    rows = rows[rows.movement != "stayed"].sort_values("customers", ascending=False)
    flows = [
        sentence(
            "flow_of", {"source": r.source, "destination": r.destination, "movement": r.movement}, "monitor"
        )
        for r in rows.itertuples()
    ]
    net = [
        f"{coarse_share(r.net, r.of, terms.min_cell, 1)} ({share(r.net_low, 1)} to {share(r.net_high, 1)})"
        for r in rows.itertuples()
    ]
    noise = [share(x, 1) if x > 0 else None for x in rows.noise]
    return rows.assign(flow=flows, net=net, by_relabelling=noise)


def drift(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape drift: the features that changed and, of the others, those with the largest change."""
    moved = table.changed | table.season | table.grown
    rows = pd.concat([table[moved], table[~moved].head(8)])
    word = rows.changed.map({True: "changed", False: "as before"})
    word = word.mask(rows.season & ~rows.changed, "as a year ago").mask(
        rows.grown & ~rows.changed, "as time passed"
    )
    return rows.assign(result=word)


def outcomes(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape what campaigns earned; effects of arms that are too small to be shown are suppressed."""
    parts = pd.DataFrame(
        {
            "yes": table.responses,
            "no": table.contacted - table.responses,
            "held_yes": table.responses_held,
            "held_no": table.holdout - table.responses_held,
        }
    ).astype(float)
    behind = parts.where(parts > 0).min(axis=1)
    what = [
        f"{r.campaign}, {terms.segment(r.segment)}" if pd.notna(r.segment) else str(r.campaign)
        for r in table.itertuples()
    ]
    return table.assign(
        what=what,
        behind=behind,
        response=[_points(r.response, r.response_low, r.response_high) for r in table.itertuples()],
        profit=[_amounts(r.profit, r.profit_low, r.profit_high, terms) for r in table.itertuples()],
    )


def _points(middle: float, low: float, high: float) -> str | None:
    if pd.isna(low):
        return None
    texts = [f"{100 * x:.1f}".replace("-", "−") for x in (middle, low, high)]
    return "{} ({} to {})".format(*texts)


def _amounts(middle: float, low: float, high: float, terms: Context) -> str | None:
    if pd.isna(low):
        return None
    return "{} ({} to {})".format(*(money(x, terms.currency) for x in (middle, low, high)))


def success(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write changes and intervals; what stands on few buyers, answers or customers held out is suppressed."""
    few, few_answers, few_held = (terms.few(table[c]) for c in ("buyers", "answers", "held_out"))
    ends = table[["growth", "growth_low", "growth_high"]].itertuples(index=False)
    single = {c: [_changes(x) for x in table[c]] for c in ("season", "a_year_ago")}
    content = [
        None
        if pd.isna(r.satisfaction)
        else f"{r.satisfaction:.1f} ({r.satisfaction_low:.1f} to {r.satisfaction_high:.1f})"
        for r in table.itertuples()
    ]
    gain = [_amounts(r.gain, r.gain_low, r.gain_high, terms) for r in table.itertuples()]
    made = table.assign(
        per_customer=table.per_customer.mask(few),
        satisfaction=pd.Series(content, table.index, dtype=object).mask(few_answers),
        gain=pd.Series(gain, table.index, dtype=object).mask(few | few_held),
        growth=[_changes(*row) for row in ends],
        **single,
    )
    made = made.assign(growth=made.growth.mask(few), a_year_ago=made.a_year_ago.mask(few))
    return made.sort_values(["segment", "view"], ascending=[True, False])


def _changes(*values: float) -> str | None:
    """Write a change in per cent, with its interval if there is one."""
    known = [f"{100 * x:+.0f}%".replace("-", "−") for x in values if pd.notna(x)]
    return "{} ({} to {})".format(*known) if len(known) == 3 else known[0] if known else None


def since_first(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write predicted and realised values, unless few bought; a result is given once the predicted days are over."""
    few = terms.few(table.buyers)
    above = table.realised > table.predicted_high
    word = pd.Series("less than predicted", table.index).mask(above, "more than predicted")
    word = word.mask(table.inside.eq(True).fillna(False).astype(bool), "as predicted").where(
        table.inside.notna()
    )
    profit = [_amounts(r.profit, r.profit_low, r.profit_high, terms) for r in table.itertuples()]
    predicted = [_amounts(r.predicted, r.predicted_low, r.predicted_high, terms) for r in table.itertuples()]
    ratio = [None if pd.isna(x) else f"{100 * x:.0f}%" for x in table.ratio]
    known = {"realised": table.realised, "ratio": pd.Series(ratio, table.index, dtype=object), "word": word}
    return table.assign(predicted=predicted, profit=profit, **{c: x.mask(few) for c, x in known.items()})
