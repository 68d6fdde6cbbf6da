"""Who is contacted and who is held out: the universal holdout, and the arms of each campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seglib.errors import ParamsError, listing, nearest
from seglib.implement import audiences, holdouts, power
from seglib.implement.vocabulary import HOLDOUT, SHARE, TREATMENT, UNIVERSAL


@dataclass(frozen=True)
class Assignment:
    """Who is contacted and who is held out.

    Attributes
    ----------
    rows
        One row per customer of a target, as `audiences.selected` returns them.
    holdouts
        The project's table of holdouts, with those who were assigned for the first time.
    """

    rows: pd.DataFrame
    holdouts: pd.DataFrame


def shares(
    campaigns: pd.DataFrame,
    names: Mapping[int, str],
    known: pd.DataFrame,
    sizes: pd.Series,
    settings: Mapping[str, Any],
) -> pd.Series:
    """Return the share of each target that is held out.

    That of its segment, else of its play, else what shows the wanted effect, else that of all, else that of the
    play's card on page 05.

    Parameters
    ----------
    campaigns
        From `audiences.campaigns`.
    names
        Names of segments by number, as the settings may call them.
    known
        From `power.baselines`.
    sizes
        Customers who may be contacted, by segment.
    settings
        The section `implement` as plain values.
    """
    terms = settings["holdout"]
    numbers = {str(number): number for number in names} | {name: number for number, name in names.items()}
    unknown = sorted(set(terms["segments"]) - set(numbers))
    if unknown:
        raise ParamsError(
            f"implement.holdout.segments names '{unknown[0]}', which is no segment; allowed: "
            f"{listing(names.values(), 20)}, or their numbers.{nearest(unknown[0], names.values())}"
        )
    own = {numbers[name]: share for name, share in terms["segments"].items()}
    made = {}
    for target in campaigns.itertuples():
        card = SHARE if pd.isna(target.card_share) else float(target.card_share)
        usual = terms["plays"].get(target.play, card if terms["share"] is None else terms["share"])
        if terms["effect"] and target.play not in terms["plays"]:
            own_outcome = known.loc[target.segment]
            needed = power.share_for(
                float(own_outcome.rate),
                terms["effect"] * _unit(target, own_outcome),
                int(sizes.get(target.segment, 0)),
                float(own_outcome.sd),
            )
            usual = usual if needed is None else needed
        made[target.segment] = own.get(target.segment, usual)
    return pd.Series(made, dtype="float64")


def _unit(target: Any, outcome: pd.Series) -> float:
    """Return how much of the outcome a response is."""
    return 1.0 if outcome.outcome == "share" else float(target.unit)


def assignment(
    table: pd.DataFrame,
    campaigns: pd.DataFrame,
    ids: pd.Series,
    frozen: pd.DataFrame,
    held_out: pd.Series,
    settings: Mapping[str, Any],
) -> Assignment:
    """Give every customer who may be contacted an arm, and select as many as the budget pays for.

    Parameters
    ----------
    table
        From `policy.after_policy`.
    campaigns
        From `audiences.campaigns`.
    ids
        Real ids of all customers, among whom the universal holdout is drawn.
    frozen
        The project's table of holdouts.
    held_out
        Share held out, by segment, from `shares`.
    settings
        The section `implement` as plain values, with salt and start.
    """
    start, terms = settings["start"], settings["holdout"]
    known = _universal(ids, frozen, terms, settings["salt"], start)
    everywhere = holdouts.held_everywhere(known, UNIVERSAL, start)
    left = table[table.step == ""]
    given = [
        holdouts.arms(
            own,
            str(name),
            holdouts.salt_of(settings["salt"], str(name)),
            (own.segment.map(held_out) * holdouts.BUCKETS).round().astype("int64"),
            frozen,
        )
        for name, own in left.groupby("campaign", sort=False)
    ]
    arms = pd.concat(given) if given else _no_arms(table)
    rows = audiences.selected(table, campaigns, arms, everywhere)
    return Assignment(rows, holdouts.with_newcomers(known, rows[rows.new], start))


def _no_arms(table: pd.DataFrame) -> pd.DataFrame:
    empty = table.iloc[:0]
    return pd.DataFrame({"arm": empty.id.astype("string"), "bucket": empty.place, "new": empty.service})


def _universal(
    ids: pd.Series, frozen: pd.DataFrame, terms: Mapping[str, Any], salt: str, start: dt.date
) -> pd.DataFrame:
    """Assign newcomers to the universal holdout, if there is one that has not ended."""
    if not terms["universal"] or (terms["until"] and terms["until"] < start):
        return frozen
    rows = pd.DataFrame({"id": ids.astype("string")}).sort_values("id", ignore_index=True)
    threshold = round(terms["universal"] * holdouts.BUCKETS)
    arms = holdouts.arms(rows, UNIVERSAL, holdouts.salt_of(salt, UNIVERSAL), threshold, frozen)
    assigned = rows.join(arms).assign(campaign=UNIVERSAL, segment=pd.NA, play="", until=terms["until"])
    return holdouts.with_newcomers(frozen, assigned, start)


def arms_table(
    rows: pd.DataFrame,
    campaigns: pd.DataFrame,
    held_out: pd.Series,
    known: pd.DataFrame,
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """Count the arms of every target, check their ratio, and compute the smallest effect that they can show.

    Parameters
    ----------
    rows
        Of an `Assignment`.
    campaigns, held_out
        As above.
    known
        From `power.baselines`.
    settings
        The section `implement` as plain values.

    Returns
    -------
    pandas.DataFrame
        One row per target, in the order of the campaigns; columns as the table `arms` declares.
    """
    made = []
    for target in campaigns.itertuples():
        own = rows[(rows.segment == target.segment) & (rows.step == "selected")]
        free, new = own[~own.universal], own[own.new]
        share, outcome = float(held_out.get(target.segment, 0.0)), known.loc[target.segment]
        unit = _unit(target, outcome)
        contacted, held = int((free.arm == TREATMENT).sum()), int((free.arm == HOLDOUT).sum())
        made.append(
            {
                "segment": target.segment,
                "campaign": target.campaign,
                "play": target.play,
                "channel": target.channel,
                "customers": len(own),
                "contacted": contacted,
                "held_out": held,
                "universal": int(own.universal.sum()),
                "newcomers": len(new),
                "share": share,
                "ratio_p": holdouts.sample_ratio(int((new.arm == HOLDOUT).sum()), len(new), share * len(new)),
                "outcome": outcome.outcome,
                "rate": float(outcome.rate),
                "sd": float(outcome.sd),
                "correlation": float(outcome.correlation),
                "effect": target.effect * unit,
                "high": target.high * unit,
                "cost": contacted * target.cost,
                "profit": contacted * target.per_contact,
                "start": pd.Timestamp(settings["start"]),
                "until": pd.Timestamp(target.until),
            }
        )
    columns = [*made[0]] if made else list(ARMS)
    return power.with_proof(pd.DataFrame(made, columns=columns))


#: Columns before the power of each arm is known.
ARMS = (
    *(
        "segment",
        "campaign",
        "play",
        "channel",
        "customers",
        "contacted",
        "held_out",
        "universal",
        "newcomers",
    ),
    *(
        "share",
        "ratio_p",
        "outcome",
        "rate",
        "sd",
        "correlation",
        "effect",
        "high",
        "cost",
        "profit",
        "start",
        "until",
    ),
)
