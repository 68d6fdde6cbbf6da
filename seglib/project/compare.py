"""Two runs or trials side by side: method, number of segments, stability, sizes, agreement, targets."""

from __future__ import annotations

import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib.project.store import Store


def side_by_side(one: Store, other: Store) -> pd.DataFrame:
    """Compare two runs.

    Returns
    -------
    pandas.DataFrame
        One row per fact: fact, one, other (texts; empty where a run has not got so far).
    """
    facts = [_facts(one), _facts(other)]
    names = list(dict.fromkeys([*facts[0], *facts[1]]))
    rows = [{"fact": n, "one": facts[0].get(n, ""), "other": facts[1].get(n, "")} for n in names]
    agreement = _agreement(one, other)
    if agreement is not None:
        rows.append(
            {"fact": "agreement (ARI) of the two", "one": f"{agreement:.3f}", "other": f"{agreement:.3f}"}
        )
    return pd.DataFrame(rows, columns=["fact", "one", "other"])


def differences(published: Store, trial: Store) -> list[str]:
    """List what differs between the published run and a trial, a sentence each."""
    if not published.manifest():
        return []
    table = side_by_side(published, trial)
    changed = table[(table.one != table.other) & (table.other != "")]
    lines = [f"{r.fact}: **{r.other}** (published: {r.one or 'none'})" for r in changed.itertuples()]
    agreement = table[table.fact.str.startswith("agreement")]
    lines += [f"{r.fact}: **{r.one}**" for r in agreement.itertuples()]
    return lines or ["nothing: the same segments"]


def _facts(store: Store) -> dict[str, str]:
    facts: dict[str, str] = {}
    params = store.manifest().get("params", {})
    if store.has("structure"):
        row = store.read("structure").iloc[0]
        facts |= {"verdict": str(row.structure), "method": str(row.method), "segments": str(int(row.k))}
    if store.has("segment_stability"):
        stability = store.read("segment_stability")
        facts["stability (Jaccard) of the weakest"] = f"{stability.stability.min():.2f}"
        facts["sizes"] = " / ".join(f"{n:,}" for n in sorted(stability["size"], reverse=True))
    if store.has("ranking"):
        ranking = store.read("ranking")
        facts["targets"] = "; ".join(ranking["name"][ranking.target]) or "none"
    variables = params.get("segment", {}).get("on")
    return facts | ({"variables from": ", ".join(variables)} if variables else {})


def _agreement(one: Store, other: Store) -> float | None:
    if not (one.has("segments") and other.has("segments")):
        return None
    both = (
        one.read("segments")
        .merge(other.read("segments"), on="customer", suffixes=("_one", "_other"))
        .dropna()
    )
    return float(adjusted_rand_score(both.segment_one, both.segment_other)) if len(both) else None
