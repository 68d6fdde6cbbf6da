"""Geographic features: where customers live."""

from __future__ import annotations

import ibis

from seglib.collect.features.catalogue import entries
from seglib.collect.features.categories import category, folded
from seglib.collect.features.derived import Derived, Settings, count_as_missing

#: Mean radius of the earth in km (IUGG; Moritz 2000, Geodetic Reference System 1980).
EARTH = 6371.0088
_CATEGORIES = ("country", "region", "city", "urban")
_COORDINATES = {"latitude", "longitude"}


FEATURES = tuple(entries("geographic").values())


def postcode_area(postcode: ibis.Value) -> ibis.Value:
    """Take the area from a postcode: a place of many households, never of a few.

    Letters that are followed by a digit, one or two, as in British, Irish and Canadian postcodes,
    or the first two of at least three digits; blanks do not count, and a country's letters with a
    hyphen before the digits are left out. Anything else is missing.

    Examples
    --------
    >>> [postcode_area(ibis.literal(p)).execute() for p in ("sw1a 1aa", "M1 1AE", "01067", "D-10115")]
    ['SW', 'M', '01', '10']
    """
    plain = category(postcode).upper().re_replace(" ", "")
    digits = plain.re_extract("^(?:[A-Z]{1,3}-)?([0-9]{2})-?[0-9]", 1)
    letters = plain.re_extract("^([A-Z]{1,2})[0-9]", 1)
    return ibis.coalesce(digits.nullif(""), letters.nullif(""))


def _area(customers: ibis.Table) -> ibis.Value:
    """Put the country before areas where there are several: 10 is in Berlin, and in Champagne."""
    area = postcode_area(customers.postcode)
    if "country" not in customers.columns:
        return area
    country = category(customers.country)
    several = int(customers.agg(n=country.nunique()).to_pandas().n[0]) > 1
    return ibis.coalesce(country.concat(" ", area), area) if several else area


def _on_sphere(latitude: ibis.Value, longitude: ibis.Value, suffix: str = "") -> dict[str, ibis.Value]:
    """Place points on a globe of radius 1: x, y, z."""
    up, along = latitude.radians(), longitude.radians()
    axes = {"x": up.cos() * along.cos(), "y": up.cos() * along.sin(), "z": up.sin()}
    return {f"{axis}{suffix}": value for axis, value in axes.items()}


def _plausible(customers: ibis.Table) -> ibis.Value:
    """Check that points are on the globe, and not at 0, 0, where unread coordinates end up."""
    latitude, longitude = customers.latitude, customers.longitude
    nowhere = (latitude == 0) & (longitude == 0)
    return latitude.between(-90, 90) & longitude.between(-180, 180) & ~nowhere


def distances(customers: ibis.Table, branches: dict[str, dict[str, float]]) -> ibis.Table:
    """Compute each customer's great-circle distance to the nearest branch.

    The haversine of the angle between two places (Sinnott 1984, Virtues of the haversine) is a
    quarter of the squared straight line between them: trigonometry is done once a place, not once
    a pair.

    Parameters
    ----------
    customers
        One row per customer: customer, latitude and longitude in degrees.
    branches
        By name: latitude and longitude.

    Returns
    -------
    ibis.Table
        One row per customer whose place can be right: customer, distance_to_branch (km).
    """
    rows = [(float(place["latitude"]), float(place["longitude"])) for place in branches.values()]
    given = ibis.memtable(rows, schema={"latitude": "float64", "longitude": "float64"})
    places = given.select(**_on_sphere(given.latitude, given.longitude, "_there"))
    each = customers.filter(_plausible(customers))
    each = each.select("customer", **_on_sphere(each.latitude, each.longitude))
    pairs = each.cross_join(places)
    squares = [(pairs[axis] - pairs[f"{axis}_there"]) ** 2 for axis in "xyz"]
    haversine = pairs.group_by("customer").agg(least=(sum(squares[1:], squares[0]) / 4).min())
    return haversine.select(
        "customer", distance_to_branch=2 * EARTH * haversine.least.clip(upper=1).sqrt().asin()
    )


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    if "customers" not in tables:
        return Derived()
    customers = tables["customers"]
    chosen = {c: category(customers[c]) for c in _CATEGORIES if c in customers.columns}
    if "postcode" in customers.columns:
        chosen["postcode_area"] = _area(customers)
    numbers = {c: customers[c].cast("float64") for c in ("city_size",) if c in customers.columns}
    frames, remarks = [], []
    if chosen or numbers:
        given = customers.select("customer", **chosen, **numbers)
        frames.append(folded(given, chosen, settings.min_cell))
    if settings.branches and set(customers.columns) >= _COORDINATES:
        frames.append(distances(customers, settings.branches))
        what = "Coordinates that lie off the globe or at 0, 0"
        remarks += count_as_missing(customers, ~_plausible(customers), what)
    return Derived(tuple(frames), FEATURES, tuple(remarks))
