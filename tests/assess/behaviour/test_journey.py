"""The journey: planted drop-outs are found, chance is not, and it is said what is missing."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import report
from seglib.assess.behaviour.beside import shares
from seglib.assess.behaviour.demand import demand
from seglib.assess.behaviour.journey import NOTHING, funnel_steps, journey
from seglib.assess.behaviour.next_orders import next_orders
from seglib.assess.behaviour.price import price
from seglib.errors import DataError
from seglib.report import under
from seglib.report.context import Context

AS_OF, DAY = dt.date(2025, 9, 1), pd.Timestamp("2025-03-01")
TERMS = Context("assess", "EUR", 10, {1: "Keen", 2: "Torn", 3: "Idle"})
#: Orders, demand and price of which nothing is known.
UNKNOWN = (pd.DataFrame(columns=["step"]), demand(None, None, AS_OF), price(None, None))
KINDS = ("page_view", "AddToCart", "checkout")


def walked(seed: int = 0, n: int = 300, through: dict[int, tuple[float, ...]] | None = None) -> tuple:
    """Customers of three segments who take each step with a chance of their own; orders end it."""
    rng = np.random.default_rng(seed)
    through = through or {1: (0.8, 0.7, 0.9), 2: (0.8, 0.7, 0.3), 3: (0.4, 0.7, 0.9)}
    events, orders, members = [], [], []
    for customer in range(3 * n):
        segment = 1 + customer // n
        members.append((customer, segment))
        time = DAY + pd.Timedelta(days=int(rng.integers(0, 150)))
        events.append((customer, time, KINDS[0]))
        steps = np.cumprod(rng.random(3) < np.array(through[segment]))
        for at in (1, 2):
            if steps[at - 1]:
                events.append((customer, time + pd.Timedelta(minutes=at), KINDS[at]))
        if steps[2]:
            orders.append((customer, time + pd.Timedelta(days=1)))
    frame = pd.DataFrame(events, columns=["customer", "time", "type"]).sample(frac=1, random_state=seed)
    return (
        ibis.memtable(frame),
        ibis.memtable(pd.DataFrame(orders, columns=["customer", "time"])),
        ibis.memtable(pd.DataFrame(members, columns=["customer", "segment"])),
    )


def test_each_segment_is_found_to_drop_out_where_it_was_planted():
    events, orders, segments = walked()
    got = journey(events, orders, segments)
    assert list(got.funnel.drop_duplicates("place").step) == ["visit", "basket", "checkout", "order"]
    rows = got.funnel.set_index(["segment", "step"])
    counted = (
        events.to_pandas()
        .merge(segments.to_pandas())
        .query("segment == 2")
        .groupby("type")
        .customer.nunique()
    )
    assert rows.reached[2, "checkout"] == counted["checkout"]
    assert rows.share[2, "checkout"] == counted["checkout"] / counted["AddToCart"]
    # a difference from all customers is that from the others, times their part
    everyone = got.funnel[got.funnel.segment.isna()].set_index("step")
    part = rows.customers[2, "order"] / everyone.customers["order"]
    rest = (everyone.reached - rows.loc[2].reached) / (everyone.customers - rows.loc[2].customers)
    assert rows.difference[2, "order"] == pytest.approx(rows.share[2, "order"] - everyone.share["order"])
    assert rows.difference[2, "order"] == pytest.approx((1 - part) * (rows.share[2, "order"] - rest["order"]))
    behind = got.funnel[got.funnel.differs & (got.funnel.difference < 0)]
    assert set(zip(behind.segment, behind.step, strict=True)) == {(2, "order"), (3, "basket")}
    with under(TERMS):
        said = report.say("journey", got)
        assert "Torn</b> falls behind most at “order”" in said
        assert "Idle</b> falls behind most at “basket”" in said
        assert "less than a year" in said
        texts = report.worded("habits", got, *UNKNOWN, pd.Series([1, 2, 3])).stops
        assert "order" in texts[1]
        assert texts[0] == ""
        assert f"{100 * rows.share[2, 'order']:.0f}%" in texts[1]
        report.figure("funnel", report.declared(got.funnel, "steps"))
        assert "Torn" in report.table(report.declared(got.funnel, "steps"))


def test_where_no_segment_differs_hardly_any_step_is_called_different():
    """Holm's adjustment keeps the chance of any false difference, over segments and steps, at one in twenty."""
    rng, calls = np.random.default_rng(0), []
    for _ in range(40):
        counts = pd.DataFrame(
            {"segment": np.tile([1, 2, 3], 3), "place": np.repeat([1, 2, 3], 3), "customers": 200}
        )
        calls.append(shares(counts.assign(reached=rng.binomial(200, 0.4, 9)), ["place"]).differs.any())
    assert sum(calls) <= 5


def test_what_follows_is_the_mean_of_customers_own_shares():
    """One looks twice and fills the basket once; the other fills it at once; a new day is a new visit."""
    rows = [(1, 0, "view"), (1, 1, "cart"), (1, 1440, "view"), (2, 0, "view"), (2, 5, "cart")]
    events = pd.DataFrame(
        [(c, DAY + pd.Timedelta(minutes=m), kind) for c, m, kind in rows],
        columns=["customer", "time", "type"],
    )
    segments = ibis.memtable(pd.DataFrame({"customer": [1, 2], "segment": 1}))
    got = journey(ibis.memtable(events), None, segments).moves
    own = got[got.segment == 1].set_index(["kind", "following"])
    assert own.share["view", "cart"] == pytest.approx((0.5 + 1) / 2)
    assert own.share["view", NOTHING] == pytest.approx(0.25)
    assert own.share["cart", NOTHING] == 1
    one_session = journey(ibis.memtable(events.assign(session="s")), None, segments).moves
    assert one_session[one_session.segment == 1].set_index(["kind", "following"]).share["cart", "view"] == 0.5


def test_declared_steps_are_used_and_unknown_ones_refused():
    events, orders, segments = walked(n=40)
    got = journey(events, orders, segments, ["Page View", "order"])
    assert list(got.funnel.drop_duplicates("place").step) == ["Page View", "order"]
    with pytest.raises(
        DataError, match=r"lists basket, which is no kind of event; allowed: .*checkout.* and order"
    ):
        journey(events, orders, segments, ["basket", "order"])
    with pytest.raises(DataError, match="no source of events"):
        journey(None, orders, segments, ["visit", "order"])
    assert funnel_steps(["demo", "quote"]) == {}


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (None, "needs a source of events"),
        (pd.DataFrame({"customer": [1], "time": [DAY]}), "needs the column type"),
        (
            pd.DataFrame({"customer": range(12), "time": [DAY] * 12, "type": ["ticket"] * 11 + ["Ann Lee"]}),
            "“ticket”",
        ),
    ],
)
def test_it_is_said_what_is_missing(events, says):
    segments = ibis.memtable(pd.DataFrame({"customer": [1], "segment": [1]}))
    got = journey(None if events is None else ibis.memtable(events), None, segments)
    assert got.funnel.empty
    with under(TERMS):
        assert says in report.say("journey", got)
        assert "lee" not in report.say("journey", got)
        report.figure("funnel", report.declared(got.funnel, "steps"))


def test_no_step_of_few_customers_is_shown():
    events, orders, segments = walked(
        n=60, through={1: (0.8, 0.7, 0.9), 2: (0.8, 0.7, 0.05), 3: (0.1, 0.7, 0.9)}
    )
    got = journey(events, orders, segments)
    small = got.funnel[got.funnel.segment.notna() & got.funnel.reached.between(1, 9)]
    assert len(small)
    with under(TERMS):
        shown = report.table(report.declared(got.funnel, "steps"))
        texts = report.worded("habits", got, *UNKNOWN, pd.Series([1, 2, 3])).stops
        said = report.say("journey", got)
    for row in small.itertuples():
        exact = f"{100 * row.share:.0f}% ("
        assert not (
            exact in shown and f">{TERMS.segment(row.segment)}<" in shown.split(exact)[0].split("<tr>")[-1]
        )
        assert f"“{row.step}” ({100 * row.share:.0f}%" not in said
        assert f"“{row.step}”: {100 * row.share:.0f}%" not in texts[int(row.segment) - 1]


def test_the_first_order_is_waited_for_from_the_first_contact_and_late_segments_are_found():
    """Twenty are known from the first day on and do not count; of the others those of segment 2 wait."""
    rng = np.random.default_rng(0)
    events, orders, members = [], [], []
    for c in range(320):
        new = c >= 20
        first = pd.Timestamp(AS_OF) - pd.Timedelta(days=200 if not new else 150)
        events.append((c, first))
        wait = 10 if c % 2 else 60
        orders.append((c, first + pd.Timedelta(days=wait)))
        again = rng.random() < (0.8 if c % 2 else 0.3)
        if again:
            orders.append((c, first + pd.Timedelta(days=wait + 20)))
        members.append((c, 1 + (c % 2 == 0)))
    tables = [
        ibis.memtable(pd.DataFrame(rows, columns=["customer", name]))
        for rows, name in ((orders, "time"), (members, "segment"), (events, "time"))
    ]
    got = next_orders(tables[0], tables[1], AS_OF, tables[2]).set_index(["segment", "step"])
    assert got.customers[1, 1] == got.customers[2, 1] == 150
    assert (got.median_days[1, 1], got.median_days[2, 1]) == (10, 60)
    assert bool(got.differs[2, 2])
    assert got.difference_low[2, 2] < got.difference[2, 2] < got.difference_high[2, 2] < 0
    with under(TERMS):
        nothing = journey(None, None, tables[1])
        texts = report.worded("habits", nothing, got.reset_index(), *UNKNOWN[1:], pd.Series([1, 2])).stops
        assert texts[1].startswith("before the second order")
        assert texts[0] == ""
        assert "60 days" in report.table(report.declared(got.reset_index(), "next_orders"))
