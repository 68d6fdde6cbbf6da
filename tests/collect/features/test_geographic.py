"""Where customers live."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from role_tables import HOSTILE, SHOWN, all_roles, customers, derived, names, remarks, settings

from seglib.collect import features
from seglib.collect.features import geographic

LONDON, PARIS = {"latitude": 51.5074, "longitude": -0.1278}, {"latitude": 48.8566, "longitude": 2.3522}
POSTCODES = {
    "SW1A 1AA": "SW",
    "sw1a1aa": "SW",
    " b33 8th ": "B",
    "M1 1AE": "M",
    "EC1A 1BB": "EC",
    "K1A 0B1": "K",
    "D02 X285": "D",
    "01067": "01",
    "10115": "10",
    "94103-1234": "94",
    "111 22": "11",
    "1234 AB": "12",
    "00-950": "00",
    "D-10115": "10",
    "LV-1010": "10",
    "101": "10",
    "10": None,
    "SW": None,
    "VLT 1117": None,
    "": None,
    "unknown": None,
    "-1": None,
    "١٢٣٤٥": None,
    None: None,
}


def test_postcode_area_is_its_letters_or_its_first_two_digits():
    made = derived("geographic", {"customers": customers(postcode=list(POSTCODES))})
    assert made.postcode_area.tolist() == list(POSTCODES.values())


def test_areas_of_several_countries_are_told_apart():
    made = customers(
        country=["DE", "FR", "FR", None, "GB"], postcode=["10115", "10000", "x", "10117", "M1 1AE"]
    )
    got = derived("geographic", {"customers": made})
    assert got.postcode_area.tolist() == ["DE 10", "FR 10", None, "10", "GB M"]


def test_areas_of_one_country_stand_alone():
    made = customers(country=["DE", " DE ", None], postcode=["10115", "01067", "99084"])
    assert derived("geographic", {"customers": made}).postcode_area.tolist() == ["10", "01", "99"]


def test_an_area_of_few_customers_is_folded():
    made = customers(postcode=["SW1A 1AA", "SW1A 2AA", "SW2 1AA", "ZE1 0AA", None])
    got = derived("geographic", {"customers": made}, min_cell=2)
    assert got.postcode_area.tolist() == ["SW", "SW", "SW", "other", None]
    assert "postcode" not in got


def test_places_are_kept_as_given_and_rare_ones_folded():
    made = customers(
        country=["UK", " UK", "Malta"],
        region=["Kent", "", "Kent"],
        city=["Vaf", "Bath", "Bath"],
        urban=["urban", "rural", "urban"],
        city_size=[1e6, 0.0, None],
    )
    got = derived("geographic", {"customers": made}, min_cell=2)
    assert got.country.tolist() == ["UK", "UK", "other"]
    assert got.region.tolist() == ["Kent", None, "Kent"]
    assert got.city.tolist() == ["other", "Bath", "Bath"]
    assert got.urban.tolist() == ["urban", "other", "urban"]
    assert got.city_size.tolist() == [1e6, 0, None]


def test_nothing_is_invented_where_the_country_is_not_known():
    assert list(derived("geographic", {"customers": customers(postcode=["SW1A 1AA"])})) == ["postcode_area"]


def test_hostile_text_is_shown_harmlessly_or_not_at_all():
    made = {"customers": customers(city=list(HOSTILE), postcode=list(HOSTILE))}
    got = derived("geographic", made)
    assert got.city.tolist() == list(SHOWN)
    assert got.postcode_area.isna().all()
    assert derived("geographic", made, min_cell=2).city.tolist() == ["other"] * len(HOSTILE)


def near(rows: list[tuple], **branches: dict[str, float]) -> list:
    """Measure distances; who has none is not in the table."""
    made = customers(latitude=[r[0] for r in rows], longitude=[r[1] for r in rows])
    got = derived("geographic", {"customers": made}, branches=branches)
    return got.distance_to_branch.reindex(range(1, len(rows) + 1)).tolist()


def test_distance_is_that_to_the_nearest_branch():
    rows = [(51.5074, -0.1278), (48.8566, 2.3522), (55.9533, -3.1883)]
    got = near(rows, london=LONDON, paris=PARIS)
    assert got == pytest.approx([0, 0, 534], abs=0.6)  # Edinburgh to London: 534 km
    assert near(rows[1:2], london=LONDON) == pytest.approx([343.6], abs=0.1)


def test_distance_goes_round_the_globe_the_short_way():
    quarter = math.pi / 2 * geographic.EARTH
    assert near([(0.0, 179.0), (90.0, 17.0)], fiji={"latitude": 0.0, "longitude": -179.0}) == pytest.approx(
        [2 * quarter / 90, quarter]
    )
    # opposite points, where rounding can take the sine above 1
    assert near([(-51.5074, 179.8722)], london=LONDON) == pytest.approx([2 * quarter])


@effort(max_examples=25, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_distance_is_the_angle_between_two_places(lat, lon, to_lat, to_lon):
    def point(up: float, along: float) -> list[float]:
        up, along = math.radians(up), math.radians(along)
        return [math.cos(up) * math.cos(along), math.cos(up) * math.sin(along), math.sin(up)]

    if lat == lon == 0:
        return
    chord = math.dist(point(lat, lon), point(to_lat, to_lon))
    want = 2 * geographic.EARTH * math.asin(min(chord / 2, 1))
    assert near([(lat, lon)], b={"latitude": to_lat, "longitude": to_lon}) == pytest.approx([want], abs=1e-3)


def test_coordinates_that_cannot_be_have_no_distance_and_are_told():
    rows = [(51.5, 0.0), (0.0, 0.0), (91.0, 0.0), (51.0, -181.0), (None, 0.0), (51.0, None), (-0.0, 0.0)]
    got = near(rows, london=LONDON)
    assert [d == d for d in got] == [True, False, False, False, False, False, False]
    made = customers(latitude=[r[0] for r in rows], longitude=[r[1] for r in rows])
    assert remarks("geographic", {"customers": made}, branches={"london": LONDON}) == (
        "Coordinates that lie off the globe or at 0, 0, found for 4 of 7 customers, count as missing.",
    )


def test_distance_needs_branches_and_both_coordinates():
    whole = {"customers": customers(latitude=[51.5], longitude=[0.0], city=["Bath"])}
    half = {"customers": customers(latitude=[51.5], city=["Bath"])}
    assert (
        list(derived("geographic", whole))
        == list(derived("geographic", half, branches={"b": LONDON}))
        == ["city"]
    )
    needs = features.gaps(["geographic"], half, settings()).set_index("feature").needs
    assert needs["Distance to branch"] == "branches, customers.longitude"
    assert "City" not in needs.index


@pytest.mark.parametrize("tables", [{}, {"customers": customers(gender=["f"])}])
def test_nothing_is_derived_where_no_role_allows_it(tables):
    assert geographic.derive(tables, settings(branches={"b": LONDON})).frames == ()


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_roles_that_say_nothing_give_missing_features(rows):
    tables = {"customers": all_roles("customers", rows)}
    got = derived("geographic", tables, branches={"b": LONDON})
    assert set(got) == names(geographic)
    assert got.isna().all(axis=None)
    assert remarks("geographic", tables, branches={"b": LONDON}) == ()


def test_customers_without_a_place_have_a_missing_distance_when_joined():
    made = customers(latitude=[51.5, 52.5, 0.0], longitude=[0.0, 0.0, 0.0])
    frames = features.derived("geographic", {"customers": made}, settings(branches={"b": LONDON})).frames
    joined = features.joined(pd.DataFrame({"customer": [1, 2, 3]}), list(frames))
    assert joined.distance_to_branch.notna().tolist() == [True, True, False]
