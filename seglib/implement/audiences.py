"""Audiences: the customers of each target in order of expected gain, and those whom the budget pays for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seglib.errors import ParamsError, listing, nearest
from seglib.implement import holdouts
from seglib.implement.contacts import Contacts
from seglib.implement.vocabulary import DAYS, STEPS, TREATMENT, UNIVERSAL, channel_of, slug

#: Columns of `campaigns`, one row per target.
CAMPAIGN = (
    *("segment", "campaign", "play", "channel", "service", "place", "most", "effect", "cost", "worth"),
    *("per_contact", "measure", "high", "until", "card_share", "outcome", "baseline", "sd", "unit"),
)
#: Of a campaign, what its members are given.
_OF_MEMBERS = ("campaign", "play", "channel", "service", "place", "until")
_FEATURES = {"order": "order_value", "year": "net_value"}


def campaigns(
    plays: pd.DataFrame,
    ranking: pd.DataFrame,
    budget: pd.DataFrame,
    settings: Mapping[str, Any],
    tests: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Give each target the campaign that its play becomes.

    Parameters
    ----------
    plays, ranking, budget
        Tables of the run.
    settings
        The section `implement` as plain values: channels, service, priority and most, by play; start, and days.
    tests
        The table `power`: how many customers the card of each play holds out, and what is expected of them.

    Returns
    -------
    pandas.DataFrame
        One row per target, the most important first: segment, campaign (the play as a name of a file; segments
        with one play share it), play, channel (empty if the play contacts no one directly), service, place, most
        (contacts; missing if all), effect and high (incremental responses per contact, expected and at most),
        cost (money per contact), worth (money that remains of a response), per_contact (profit that the plan
        expects of a contact; missing where it expects none), measure, until (last day of measurement), and of the
        play's card card_share (held out), outcome (share, orders or spend), baseline (of it, without a contact),
        sd (of means, between customers) and unit (of the outcome, per response);
        missing without a card, and outcome then share.

    Raises
    ------
    ParamsError
        If the settings name a play that no target has.
    """
    table = plays[plays.target].merge(ranking[["segment", "rank"]], on="segment", how="left")
    _check_plays(settings, plays)
    money = budget.drop_duplicates("segment").set_index("segment")
    order = {play: place for place, play in enumerate(settings["priority"])}
    own = settings["channels"]
    table = table.assign(
        campaign=table.play.map(slug),
        channel=[
            channel_of(own.get(p) or c) if own.get(p) or c else ""
            for p, c in zip(table.play, table.contact, strict=True)
        ],
        service=table.play.isin(settings["service"]),
        effect=table.segment.map(money.effect).fillna(table.response).astype("float64"),
        high=table.response_high.astype("float64"),
        cost=table.segment.map(money.cost).astype("float64"),
        worth=table.segment.map(money.margin).astype("float64"),
        most=[_most(row, money, settings["most"]) for row in table.itertuples()],
        first=table.play.map(order).fillna(len(order)),
        until=[_until(settings, days) for days in table.get("days", pd.Series(np.nan, index=table.index))],
        **card(table, tests),
    )
    planned = table.segment.map(money["contacts"]).astype("float64") if "contacts" in money else table.planned
    planned = planned.fillna(table.planned)
    profit = table.segment.map(money["profit"]).astype("float64") if "profit" in money else np.nan
    table = table.assign(per_contact=profit / planned.where(planned > 0))
    table = table.sort_values(["first", "rank"], kind="stable", ignore_index=True)
    return table.assign(place=np.arange(1, len(table) + 1))[list(CAMPAIGN)]


def _until(settings: Mapping[str, Any], days: float) -> dt.date:
    """Return the last day of measurement: as the settings say, else after the days of the play."""
    window = settings["days"] or (DAYS if pd.isna(days) else int(days))
    return settings["start"] + dt.timedelta(days=window)


def card(table: pd.DataFrame, tests: pd.DataFrame | None) -> dict[str, pd.Series]:
    """Return what the card of each play holds out and contacts, and the outcome without a contact that it expects.

    Parameters
    ----------
    table
        One row per segment: segment, play, response.
    tests
        The table `power`.
    """
    columns = ["segment", "play", "held_out", "customers", "baseline", "baseline_sd", "outcome", "effect"]
    none = pd.DataFrame({c: [] for c in columns})
    cards = (none if tests is None else tests).set_index(["segment", "play"])
    own = cards.reindex(pd.MultiIndex.from_frame(table[["segment", "play"]])).set_axis(table.index)
    own = own.astype(dict.fromkeys(("held_out", "baseline", "baseline_sd", "effect"), "float64"))
    mean = own.outcome.isin(["orders", "spend"])
    unit = (own.effect / table.response.astype("float64")).where(table.response > 0)
    return {
        "planned": own.customers.astype("float64") - own.held_out,
        "card_share": (own.held_out / own.customers.astype("float64")).round(2),
        "outcome": own.outcome.fillna("share").astype("string"),
        "baseline": own.baseline,
        "sd": own.baseline_sd.where(mean),
        "unit": unit.where(mean, 1.0),
    }


def _most(row: Any, money: pd.DataFrame, most: Mapping[str, int]) -> float:
    """Return the most contacts of a target: as set for its play, else as many as its budget pays for."""
    if row.play in most:
        return float(most[row.play])
    if row.segment not in money.index or pd.isna(money.total[row.segment]):
        return np.nan
    return (
        float(np.floor(money.contacts[row.segment] + 1e-9))
        if pd.notna(money.contacts[row.segment])
        else np.nan
    )


def _check_plays(settings: Mapping[str, Any], plays: pd.DataFrame) -> None:
    known = sorted(set(plays.play))
    named = [
        *(
            (f"implement.{key}", play)
            for key in ("channels", "service", "priority", "most")
            for play in settings[key]
        ),
        *(("implement.holdout.plays", play) for play in settings["holdout"]["plays"]),
        *(("implement.destinations.plays", play) for e in settings["destinations"] for play in e["plays"]),
    ]
    library = set(settings.get("library", ())) | set(known)
    for where, play in named:
        if play not in library:
            raise ParamsError(
                f"{where} names '{play}', which is no play; plays here: {listing(known)}.{nearest(play, library)}"
            )


def members(
    campaigns: pd.DataFrame,
    segments: pd.DataFrame,
    features: pd.DataFrame,
    plays: pd.DataFrame,
    contacts: Contacts,
) -> pd.DataFrame:
    """List the customers of every target, the highest expected gain first.

    A customer's gain is the target's incremental response times what remains of a response of theirs (their own
    order or year instead of the segment's mean), less the cost of the contact. Equal gains are put in an order by
    another hash, which is independent of the arms.

    Returns
    -------
    pandas.DataFrame
        One row per customer of a target: customer, id, segment, campaign, play, channel, service, place, until and gain
        (money; missing where a response or its worth is unknown).
    """
    own = segments[["customer", "segment"]].merge(
        campaigns[[*_OF_MEMBERS, "segment", "effect", "cost", "worth"]],
        on="segment",
    )
    own = own.merge(contacts.ids, on="customer", validate="one_to_one")
    kind = plays.set_index("segment").worth
    gain = own.effect * own.worth * _relative(own, features, kind) - own.cost
    table = own.assign(gain=gain, tie=holdouts.buckets(own.id, "order"))
    table = table.sort_values(
        ["place", "gain", "tie", "id"],
        ascending=[True, False, True, True],
        na_position="last",
        ignore_index=True,
    )
    return table[["customer", "id", "segment", *_OF_MEMBERS, "gain"]]


def _relative(own: pd.DataFrame, features: pd.DataFrame, kind: pd.Series) -> pd.Series:
    """Return what a response of each customer is worth over the segment's mean; 1 where it is not known."""
    made = pd.Series(1.0, index=own.index)
    by_customer = features.set_index("customer")
    for worth, name in _FEATURES.items():
        if name not in by_customer or worth not in set(kind):
            continue
        values = own.customer.map(by_customer[name]).astype("float64").clip(lower=0)
        mean = values.groupby(own.segment).transform("mean")
        ratio = (values / mean.where(mean > 0)).fillna(1.0)
        made = made.where(own.segment.map(kind) != worth, ratio)
    return made


def selected(
    table: pd.DataFrame, campaigns: pd.DataFrame, arms: pd.DataFrame, everywhere: pd.Series
) -> pd.DataFrame:
    """Select, in the order of expected gain, as many as the budget pays to contact, with those held out among them.

    Parameters
    ----------
    table
        From `after_policy`.
    campaigns
        From `campaigns`.
    arms
        arm, bucket and new of each row that is left.
    everywhere
        Ids that are held out of everything.

    Returns
    -------
    pandas.DataFrame
        As the table, with arm, bucket, new, universal, and the steps `budget` and `selected`.
    """
    made = table.join(arms)
    made = made.assign(universal=made.id.isin(set(everywhere)))
    left = made.step == ""
    contacted = left & (made.arm == TREATMENT) & ~made.universal
    before = contacted.groupby(made.segment).cumsum() - contacted
    most = made.segment.map(campaigns.set_index("segment").most).astype("float64").fillna(np.inf)
    beyond = left & (before >= most)
    made.loc[beyond, ["step", "reason"]] = ["budget", "budget"]
    made.loc[left & ~beyond, "step"] = "selected"
    chosen = made.step == "selected"
    return made.assign(
        arm=made.arm.where(chosen),
        bucket=made.bucket.where(chosen),
        new=made.new.where(chosen & ~made.universal, False).astype(bool),
    )


def funnel(table: pd.DataFrame, campaigns: pd.DataFrame) -> pd.DataFrame:
    """Count who is left after each step, and why the others are not.

    Returns
    -------
    pandas.DataFrame
        One row per target and step, the steps in order: removed and left (customers), and reasons, the codes with
        how many customers each took out.
    """
    rows: list[tuple[Any, ...]] = []
    for target in campaigns.itertuples():
        own = table[table.segment == target.segment]
        left = len(own)
        rows.append((target.segment, target.campaign, "segment", 0, left, ()))
        for step in STEPS[1:-1]:
            gone = own[own.step == step]
            left -= len(gone)
            codes = gone.reason.value_counts().sort_index()
            rows.append((target.segment, target.campaign, step, len(gone), left, tuple(codes.items())))
        chosen = own[own.step == "selected"]
        held = {
            UNIVERSAL: int(chosen.universal.sum()),
            "holdout": int(((chosen.arm != TREATMENT) & ~chosen.universal).sum()),
        }
        kept = left - sum(held.values())
        rows.append(
            (target.segment, target.campaign, "selected", sum(held.values()), kept, tuple(held.items()))
        )
    return pd.DataFrame(rows, columns=["segment", "campaign", "step", "removed", "left", "reasons"])


#: Columns of `audience`, in their order; what is known besides follows.
COLUMNS = (
    *(
        "customer",
        "segment",
        "campaign",
        "play",
        "channel",
        "place",
        "gain",
        "step",
        "reason",
        "arm",
        "bucket",
    ),
    *("universal", "new"),
)


def audience_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the customers of all targets under pseudonyms, without their ids: the table `audience`."""
    also = [c for c in rows.columns if c in HOOKS]
    return rows[[*COLUMNS, *also]].assign(bucket=rows.bucket.astype("Int64"))


#: What helps to personalise a contact, where it is known.
HOOKS = ("next_products", "preferred_channel", "preferred_hour")
