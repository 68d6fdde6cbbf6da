"""Tables of a run, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.disclosure import bounded
from seglib.evaluation import Weights
from seglib.report.words import share

#: A margin below this is near the border to the next segment.
_BORDER = 0.1


def ledger(table: pd.DataFrame) -> pd.DataFrame:
    """Shape the ledger: the first rule of each source, and those that did something."""
    did = ["dropped", "set_aside", "mended", "warned"]
    shown = table[table[did].any(axis=1) | ~table.source.duplicated()]
    idle = [c for c in did if not table[c].any()]
    unvalued = ["value"] if table.value.isna().all() else []
    return shown.drop(columns=[*idle, *unvalued, "why"])


def candidates(table: pd.DataFrame) -> pd.DataFrame:
    """Shape the candidates: what was measured, and in a word what became of each."""
    words = {"chosen": "chosen", "next_best": "next best", "separated": "lies apart", "admissible": "admissible"}
    outcome = [next((word for column, word in words.items() if row[column]), "") for _, row in table.iterrows()]
    columns = ["method", "k", "outcome", "weakest", "agreement", "strength", "smallest", "silhouette", "overlap",
               "bic"]  # fmt: skip
    made = table.assign(outcome=outcome)[columns]
    return made.drop(columns=[c for c in ("overlap", "bic") if made[c].isna().all()])


def references(by_chance: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """Shape the references beside the candidate: agreement of resamples and silhouette."""
    found = pd.DataFrame([("these customers", chosen.agreement, chosen.silhouette)],
                         columns=["data", "agreement", "silhouette"])  # fmt: skip
    return pd.concat([found, by_chance[found.columns]], ignore_index=True)


def gates(recovery: pd.DataFrame, disputed: pd.DataFrame, min_cell: int = 1) -> pd.DataFrame:
    """Shape what speaks against each segment; shares are kept `min_cell` customers off their ends."""
    away = bounded(recovery.exchanged, recovery["size"], min_cell)
    made = recovery.assign(exchanged=away).merge(disputed.drop(columns="customers"), on="segment", how="left")
    made = made.assign(flags=made["flags"].replace("", "none"))
    return made[["segment", "size", "recovery", "across", "neighbour", "exchanged", "disputed", "flags"]]


def overview(segments: pd.DataFrame, recovery: pd.DataFrame, min_cell: int = 1) -> pd.DataFrame:
    """Shape the segments by size: customers, share, recovery, customers near a border.

    The last are kept `min_cell` customers off the ends of their segment.
    """
    groups = segments.groupby("segment")
    made = pd.DataFrame({"customers": groups.size()})
    made["share"] = made.customers / len(segments)
    made["recovery"] = recovery.set_index("segment").recovery
    if segments.margin.notna().all():
        near = (segments.margin < _BORDER).groupby(segments.segment).mean()
        made["border"] = bounded(near, made.customers, min_cell)
    return made.reset_index()


def besides(profile: pd.DataFrame, names: dict[int, str], most: int = 30) -> pd.DataFrame:
    """Shape the descriptors that stand out: segment, descriptor, typical here and of all."""
    listed = profile.loc[profile.distance.abs().sort_values(ascending=False).index].head(most)
    listed = listed.sort_values("segment", kind="stable")

    def written(r: pd.Series, column: str) -> str:
        if pd.notna(r.answer) or r.unit == "share":
            return share(r[column])
        return f"{r[column]:,.1f}".removesuffix(".0") + (f" {r.unit}" if r.unit else "")

    return pd.DataFrame({
        "segment": [names[s] for s in listed.segment], "descriptor": listed.label,
        "typical": [written(r, "typical") for _, r in listed.iterrows()],
        "overall": [written(r, "overall") for _, r in listed.iterrows()],
        "distance": listed.distance,
    })  # fmt: skip


def protected(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape what protected attributes say of each segment; numbers alone have no answers to show."""
    made = table.assign(segment=table.segment.map(names), attribute=table.label, answer=table.answer.astype(object))
    made = made[["segment", "attribute", "answer", "held", "overall", "auc", "nearly"]]
    return made if made.held.notna().any() else made.drop(columns=["answer", "held", "overall"])


def value(table: pd.DataFrame) -> pd.DataFrame:
    """Shape size and value by segment."""
    columns = [
        "name",
        "customers",
        "share",
        "value",
        "value_share",
        "value_per_customer",
        "growth",
        "at_risk",
    ]
    return table[[c for c in columns if c in table]]


def scorecard(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape the scorecard: one row per segment, one column per criterion."""

    def cell(r: pd.Series) -> str:
        measured = f"{r.measured:.0f} features" if r.criterion == "describable" else share(r.measured)
        return f"{'passes' if r.passed else 'fails'} ({measured})"

    cells = table.assign(cell=[cell(r) for _, r in table.iterrows()])
    order = list(dict.fromkeys(table.criterion))
    square = cells.pivot(index="segment", columns="criterion", values="cell")[order]
    rules = table.drop_duplicates("criterion").set_index("criterion").rule
    square = square.rename(columns={c: f"{c}: {rules[c]}" for c in order})
    square.insert(0, "name", [names[s] for s in square.index])
    return square.reset_index(drop=True)


def sensitivity(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape how sure the ranking is: one row per segment, its chances and where its score lies."""
    made = table[["chance_target", "chance_first"]].copy()
    made.insert(0, "name", [names[s] for s in table.segment])
    made["range"] = [f"{low:.2f} to {high:.2f}" for low, high in zip(table.low, table.high, strict=True)]
    return made


def weights(settled: Weights, words: dict[str, str]) -> pd.DataFrame:
    """Shape the weights of the criteria of both axes; those without data last."""
    axes = (("attractiveness", settled.attractiveness, 1 - settled.strength_share),
            ("own strength", settled.strength, settled.strength_share))  # fmt: skip
    rows = [(words[c], axis, w, w * part, "measured") for axis, own, part in axes for c, w in own.items()]
    rows += [(words[c], "", 0.0, 0.0, "not in these data") for c in settled.unmeasured]
    return pd.DataFrame(rows, columns=["criterion", "axis", "weight", "in_score", "data"])


def criteria(table: pd.DataFrame, applied: dict[str, float], names: dict[int, str]) -> pd.DataFrame:
    """Shape what was measured of each segment, weighted criteria first."""
    others = [c for c in table.columns if c not in applied and c != "segment"]
    made = table[[*applied, *others]].copy()
    made.insert(0, "segment", [names[s] for s in table.segment])
    return made


def plays(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape what to do for each target."""
    chosen = table[table.target].assign(segment=lambda t: t.segment.map(names))
    return chosen[["segment", "play", "message", "offer", "channel", "timing", "measure", "because"]]
