"""Campaigns of the project itself: who was assigned by stage 06, what was planned, and what followed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib import assess, monitor
from seglib.implement.vocabulary import UNIVERSAL
from seglib.monitor.realised import predicted_first
from seglib.privacy.consent import normal_key
from seglib.project.succession import Succession
from seglib.statistics import Z90


class OwnCampaigns(Succession):
    """The part of a run that reads back what was assigned in earlier runs."""

    def assigned_before(self: Any) -> pd.DataFrame:
        """Read the assignments of earlier days under pseudonyms; customers who are no longer there are left out.

        Returns
        -------
        pandas.DataFrame
            One row per customer and campaign: customer, campaign, arm, first_assigned, until, segment, play.
        """
        kept = self.holdouts()
        kept = kept[kept.first_assigned < pd.Timestamp(self.full.as_of)]
        ids = self.read("ids")
        known = dict(zip(ids.key.map(normal_key), ids.customer, strict=True))
        table = kept.assign(customer=kept.id.map(normal_key).map(known)).dropna(subset=["customer"])
        return table.drop(columns=["id", "bucket"]).reset_index(drop=True)

    def own_contacts(self: Any) -> pd.DataFrame | None:
        """Find what followed for the customers who were assigned; nothing without orders or assignments."""
        assigned = self.assigned_before()
        if assigned.empty or not self.has("transactions"):
            return None
        orders = self.scan("transactions")
        since = assigned.first_assigned.min() - (assigned.until - assigned.first_assigned).max()
        return monitor.contacts(assigned, _bought(orders.filter(orders.time >= since)), self.full.as_of)

    def with_own(self: Any, past: pd.DataFrame) -> pd.DataFrame:
        """Add the project's own campaigns that have ended, under the names of their plays, to past contacts."""
        own = self.own_contacts()
        if own is None:
            return past
        own = own[own.until <= pd.Timestamp(self.full.as_of)]
        own = own[~own.play.isin(past.campaign.unique()) & ~own.campaign.isin(past.campaign.unique())]
        own = own.drop_duplicates(["customer", "play"])
        if own.empty:
            return past
        wanted = own.assign(campaign=own.play.astype("string"), both=False)
        wanted = wanted[["customer", "campaign", "both", "holdout", "responded", "value", "before"]]
        return pd.concat([past, wanted], ignore_index=True) if len(past) else wanted.reset_index(drop=True)

    def plans(self: Any) -> pd.DataFrame:
        """Read what campaigns were planned to be, from the first run that assigned customers to each.

        Returns
        -------
        pandas.DataFrame
            campaign, segment, share (held out), cost (of a contact), profit and contacts (forecast).
        """
        parts = [pd.DataFrame(columns=["campaign", "segment", "share", "cost", "profit", "contacts"])]
        for run in self.earlier:
            arms, budget = run.table("arms"), run.table("budget")
            if arms is None or arms.empty:
                continue
            part = arms[["campaign", "segment", "share"]].assign(
                cost=float("nan"), profit=float("nan"), contacts=float("nan")
            )
            if budget is not None and len(budget):
                own = budget[["segment", "cost", "profit", "contacts"]]
                part = arms[["campaign", "segment", "share"]].merge(own, on="segment", how="left")
            parts.append(part)
        whole = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
        return whole.drop_duplicates(["campaign", "segment"], ignore_index=True)

    def priors(self: Any) -> dict[str, tuple[float, float]]:
        """Return what each play is assumed to bring: mean and standard deviation of responses per contact."""
        plays = [*self.plays(), *self.own_plays()]
        known = {p["play"]: p["response"] for p in plays if p.get("response")}
        return {name: (r["mean"], (r["high"] - r["low"]) / (2 * Z90)) for name, r in known.items()}

    def record(self: Any) -> monitor.Record | None:
        """Read what customers did since the first run; nothing without orders, or without an earlier run."""
        if not self.earlier or not self.has("transactions"):
            return None
        orders, since = self.scan("transactions"), pd.Timestamp(self.earlier[0].as_of)
        daily = orders.group_by(day=orders.time.truncate("D")).agg(amount=orders.amount.sum()).to_pandas()
        assigned = self.assigned_before()
        return monitor.Record(
            _bought(orders.filter(orders.time >= since)),
            daily.set_index("day").amount.astype(float).sort_index(),
            self._answers(),
            assigned[assigned.campaign == UNIVERSAL],
        )

    def _answers(self: Any) -> pd.DataFrame | None:
        """Read dated answers to the question on satisfaction, or else on recommendation."""
        responses = self.scan("responses") if self.has("responses") else None
        if responses is None or "time" not in responses.columns:
            return None
        items = assess.questions(responses, self.full.assess.satisfaction.model_dump()).items
        item = items.get("satisfaction", items.get("recommend"))
        if item is None:
            return None
        given = responses.filter(
            (responses.item == item) & responses.score.notnull() & responses.time.notnull()
        )
        return given.select("customer", "time", "score").to_pandas()

    def money_since_first(self: Any) -> monitor.Money:
        """Read what customers paid since the first run, less returns, and how it is valued."""
        orders, since = self.scan("transactions"), pd.Timestamp(self.earlier[0].as_of)
        parts = [_bought(orders.filter(orders.time >= since))]
        returns = self.scan("returns") if self.has("returns") else None
        if returns is not None and "amount" in returns.columns:
            back = _bought(returns.filter(returns.time >= since))
            parts.append(back.assign(amount=-back.amount.abs()))
        first = (predicted_first(self.history) or self.history[0]).as_of
        buyers = orders.filter(orders.time < pd.Timestamp(first)).select("customer").distinct()
        rate = self.full.assess.lifetime.discount_rate
        paid = pd.concat(parts, ignore_index=True)
        return monitor.Money(paid, buyers.to_pandas().customer, self.margin_share(), rate)

    def margin_share(self: Any) -> float:
        """Return the gross margin as a share of revenue; 1 where it is not known."""
        return float(self.full.margin or 1.0)


def _bought(orders: Any) -> pd.DataFrame:
    """Read who ordered when, and for how much."""
    return orders.select("customer", "time", "amount").to_pandas().astype({"amount": float})
