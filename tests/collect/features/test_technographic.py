"""What technology customers use."""

from __future__ import annotations

import ibis
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from role_tables import HOSTILE, SHOWN, all_roles, customers, derived, names, remarks, settings, table

from seglib.collect import features
from seglib.collect.features import technographic


def events(customer: list[int], **columns: list) -> ibis.Table:
    return table("events", len(customer), customer=customer, **columns)


def bought(customer: list[int], payment: list) -> ibis.Table:
    return table("transactions", len(customer), customer=customer, payment=payment)


def test_main_device_is_the_most_frequent_and_of_equals_the_first_in_the_alphabet():
    made = events(
        [1, 1, 1, 2, 2, 3, 3, 4], device=["phone", "desktop", "phone ", "tablet", "desktop", None, "", "tv"]
    )
    got = derived("technographic", {"events": made})
    assert got.device.to_dict() == {1: "phone", 2: "desktop", 3: None, 4: "tv"}
    assert got.device_count.to_dict() == {1: 2, 2: 2, 3: None, 4: 1}


@pytest.mark.parametrize("role", ["device", "operating_system", "browser"])
def test_what_customers_gave_comes_before_what_events_carry(role):
    tables = {
        "customers": customers(**{role: ["a", " ", None, "b"]}),
        "events": events([1, 1, 2, 3], **{role: ["z", "z", "y", "x"]}),
    }
    assert derived("technographic", tables)[role].to_dict() == {1: "a", 2: "y", 3: "x", 4: "b"}


def test_payment_is_that_of_most_rows_of_orders():
    rows = bought([1, 1, 1, 2, 2, 3], ["card", "cash", "cash", "card", "bill", None])
    assert derived("technographic", {"transactions": rows}).payment.to_dict() == {1: "cash", 2: "bill"}
    given_first = {"transactions": rows, "customers": customers(payment=["cheque", None, None])}
    assert derived("technographic", given_first).payment.to_dict() == {1: "cheque", 2: "bill"}


def test_rare_technology_is_folded_by_customers_not_by_events():
    made = events([1, 2, 3, 3, 3, 3], browser=["Vivaldi", "Vivaldi", *["Lynx"] * 4])
    got = derived("technographic", {"events": made}, min_cell=2)
    assert got.browser.to_dict() == {1: "Vivaldi", 2: "Vivaldi", 3: "other"}


def behind(versions: list) -> list:
    return derived("technographic", {"customers": customers(app_version=versions)}).app_behind.tolist()


def test_versions_are_compared_as_numbers():
    assert behind(["9.9.9", "10.0", "v8.12.1", "10-beta"]) == [1, 0, 2, 0]


def test_versions_that_cannot_be_read_are_missing_and_told():
    versions = ["10.1", "99999999999", "<script>", "", "iOS 17", "12abc", "-3"]
    got = derived("technographic", {"customers": customers(app_version=versions)}).app_behind
    assert got.to_dict() == {1: 0, 2: None, 3: None, 5: None, 6: None, 7: None}
    assert remarks("technographic", {"customers": customers(app_version=versions)}) == (
        "App versions that do not begin with a number of up to four digits, found for 5 of 6 customers, "
        "count as missing.",
    )
    assert remarks("technographic", {"customers": customers(app_version=["1", None])}) == ()


def test_the_newest_version_is_the_newest_that_anybody_has_used():
    tables = {
        "customers": customers(app_version=["7.0", None, "12.0"]),
        "events": events([1, 2, 2, 3], app_version=["13.1", "9.2", "10.4", "11"]),
    }
    # 1 has 7 installed, whatever the events say; 2 is at the newest of theirs
    assert derived("technographic", tables).app_behind.to_dict() == {1: 6, 2: 3, 3: 1}


@effort(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9999), min_size=1, max_size=12))
def test_somebody_is_never_behind_and_nobody_ahead(majors):
    got = behind([f"{major}.{major % 7}" for major in majors])
    assert got == [max(majors) - major for major in majors]


def test_features_used_are_counted_once_and_as_a_share_of_all():
    made = events([1, 1, 1, 2, 3, 4], feature=["search", "search ", "list", "share", None, ""])
    got = derived("technographic", {"events": made})
    assert got.feature_breadth.to_dict() == {1: 2, 2: 1, 3: 0, 4: 0}
    assert got.feature_adoption.to_dict() == pytest.approx({1: 2 / 3, 2: 1 / 3, 3: 0, 4: 0})


def test_hostile_text_is_shown_harmlessly_or_not_at_all():
    made = {
        "events": events(
            list(range(1, len(HOSTILE) + 1)),
            device=list(HOSTILE),
            feature=list(HOSTILE),
            app_version=list(HOSTILE),
        )
    }
    got = derived("technographic", made)
    assert got.device.tolist() == list(SHOWN)
    assert got.app_behind.isna().all()
    assert got.feature_breadth.tolist() == [1] * len(HOSTILE)
    assert derived("technographic", made, min_cell=2).device.tolist() == ["other"] * len(HOSTILE)


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"customers": customers(gender=["f"])},
        {"events": events([1], seconds=[1.0])},
    ],
)
def test_nothing_is_derived_where_no_role_allows_it(tables):
    assert technographic.derive(tables, settings()).frames == ()


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_roles_that_say_nothing_give_missing_features(rows):
    tables = {kind: all_roles(kind, rows) for kind in ("customers", "events", "transactions")}
    got = derived("technographic", tables)
    assert set(got) == names(technographic)
    counts = got.feature_breadth.tolist()
    assert counts == [0] * rows  # they have been there, and used nothing
    assert got.drop(columns="feature_breadth").isna().all(axis=None)
    assert remarks("technographic", tables) == ()


@pytest.mark.parametrize(
    ("tables", "device", "payment"),
    [
        ({"customers": customers(device=["tv"], payment=["card"])}, None, None),
        ({"events": events([1], device=["tv"])}, None, "customers.payment or transactions.payment"),
        ({"transactions": bought([1], ["card"])}, "customers.device or events.device", None),
    ],
)
def test_either_of_two_sources_is_enough(tables, device, payment):
    needs = features.gaps(["technographic"], tables, settings()).set_index("feature").needs
    assert needs.get("Main device") == device
    assert needs.get("Way of paying") == payment


def test_features_come_out_the_same_in_whatever_order_rows_are_read():
    rows = [(1, "a"), (1, "b"), (2, "b"), (2, "c"), (2, "c"), (3, "a")]
    forth, back = (
        {"events": events([c for c, _ in order], device=[d for _, d in order])}
        for order in (rows, rows[::-1])
    )
    assert derived("technographic", forth).equals(derived("technographic", back))
