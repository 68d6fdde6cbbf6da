"""Where `seglib new` puts columns of surveys and firms, whatever they are called."""

import pandas as pd
import pytest

from seglib.privacy.protected import protected
from seglib.project.new import draft

N = 120
SCALE = [n % 5 + 1 for n in range(N)]


def drafted(tmp_path, **columns):
    pd.DataFrame(columns).to_csv(tmp_path / "people.csv", index=False)
    return draft.draft("people", {"customers": str(tmp_path / "people.csv")}, tmp_path).what


@pytest.mark.parametrize("name", ["AGEG", "agegrp", "generation", "age_cat"])
def test_an_age_by_any_name_is_demographic_and_no_item_of_a_battery(tmp_path, name):
    items = {item: SCALE[n:] + SCALE[:n] for n, item in enumerate(["fun", "calm", "pride", "taste", "ease"])}
    what = drafted(tmp_path, respid=range(1, N + 1), **{name: SCALE[3:] + SCALE[:3]}, **items)
    assert what.roles["customers"]["customer"].column == "respid"
    assert what.places[name].basis == "demographic" and protected(name)
    assert {what.places[item].basis for item in items} == {"psychographic"}


def test_an_item_of_a_battery_is_one_whatever_its_words_say(tmp_path):
    items = ["fun", "calm", "pride", "taste", "price_matters", "health_and_beauty"]
    what = drafted(
        tmp_path, respid=range(1, N + 1), **{item: SCALE[n:] + SCALE[:n] for n, item in enumerate(items)}
    )
    assert {what.places[item].basis for item in items} == {"psychographic"}


def test_what_a_firm_earns_is_no_income_of_a_household(tmp_path):
    what = drafted(
        tmp_path,
        rank=range(1, N + 1),
        naics=["Retail", "Mining", "Banks"] * (N // 3),
        headcount=[50 + 7 * n for n in range(N)],
        net_income=[10.5 + 3 * (n * 37 % N) for n in range(N)],
    )
    assert {"industry", "employees"} <= set(what.roles["customers"])
    assert "income" not in what.roles["customers"]
    assert what.places["rank"].basis == ""
