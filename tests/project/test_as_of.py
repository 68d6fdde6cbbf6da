import datetime as dt

import pytest
from projects import shop_params

from seglib.errors import ParamsError
from seglib.project.as_of import RULES, day, days, every, resolved
from seglib.project.params import load

TODAY = dt.date(2025, 5, 14)  # a Wednesday


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("yesterday", dt.date(2025, 5, 14)),
        ("last week", dt.date(2025, 5, 12)),
        ("last month", dt.date(2025, 5, 1)),
        ("Last  Quarter", dt.date(2025, 4, 1)),
        ("last year", dt.date(2025, 1, 1)),
        (dt.date(2024, 1, 2), dt.date(2024, 1, 2)),
        ("next month", "next month"),
    ],
)
def test_a_rule_is_the_first_day_after_what_it_names(rule, expected):
    assert resolved(rule, TODAY) == expected


def test_no_rule_looks_into_the_future():
    for n in range(800):
        today = dt.date(2024, 1, 1) + dt.timedelta(n)
        assert all(resolved(rule, today) <= today for rule in RULES)


@pytest.mark.parametrize("text", ["month", "2 weeks", "quarter", "10 days"])
def test_days_of_a_history_are_in_order_and_never_beyond_the_end(text):
    found = days(dt.date(2024, 1, 31), dt.date(2025, 1, 30), every(text))
    assert (
        found == sorted(set(found)) and found[0] == dt.date(2024, 1, 31) and found[-1] <= dt.date(2025, 1, 30)
    )


def test_a_month_has_its_own_last_day():
    assert days(dt.date(2024, 1, 31), dt.date(2024, 3, 31), (0, 1))[1] == dt.date(2024, 2, 29)


def test_what_is_no_step_and_no_day_is_refused_with_what_is_allowed():
    with pytest.raises(ParamsError, match="'fortnight'; allowed: .*week"):
        every("fortnight")
    with pytest.raises(ParamsError, match="'0 days'"):
        every("0 days")
    with pytest.raises(ParamsError, match="--as-of: found '2025-13-01'; allowed: a date"):
        day("2025-13-01", "--as-of")
    with pytest.raises(ParamsError, match="is after the last day"):
        days(TODAY, dt.date(2025, 5, 1), (1, 0))


def test_a_date_in_quotes_is_a_date(shop):
    params = shop_params(shop.folder)
    quoted = load(shop.write(params | {"as_of": f"{params['as_of']}"}).file)
    assert quoted.as_of.isoformat() == str(params["as_of"])
    with pytest.raises(ParamsError, match="as_of"):
        load(shop.write(params | {"as_of": "2025-02-30"}).file)
