"""What `seglib check` says of tables, and what it refuses as a run would."""

import datetime as dt
import re

import pandas as pd
import pytest
import yaml

from seglib.errors import DataError
from seglib.project import check, params, understanding

DAYS = [dt.date(2024, 1, 3) + dt.timedelta(days=11 * n) for n in range(30)]
ORDERS = pd.DataFrame(
    {
        "who": [f"c{n % 6}" for n in range(30)],
        "day": [f"{day:%Y-%m-%d}" for day in DAYS],
        "no": [f"A{n // 2}" for n in range(30)],
        "item": [["tea", "pot", "mail to ann@planted.example"][n % 3] for n in range(30)],
        "worth": [10.0 + n % 5 for n in range(30)],
        "state": ["paid"] * 27 + ["void"] * 3,
    }
)
PEOPLE = pd.DataFrame(
    {
        "who": [f"c{n}" for n in range(6)],
        "age": [20, 30, 40, 50, 60, 70],
        "left": ["stays", "stays", "gone", "stays", "gone", "stays"],
        "mail": [f"p{n}@planted.example" for n in range(6)],
    }
)
SHOP = {
    "title": "Shop",
    "objective": "growth",
    "as_of": dt.date(2025, 1, 1),
    "currency": "EUR",
    "sources": {
        "transactions": {
            "path": "orders.csv",
            "columns": {
                "customer": "who",
                "time": "day",
                "order": "no",
                "product": "item",
                "amount": "worth",
            },
        },
        "customers": {"path": "people.csv", "columns": {"customer": "who"}},
    },
    "bases": {"behavioural": "auto", "value": "auto", "demographic": ["age"]},
    "segment": {"on": ["behavioural", "value"]},
}


def shop(tmp_path, orders=ORDERS, people=PEOPLE, **changes):
    """Write the tables and a params file, changed as KEY__KEY=value says, and return its path."""
    orders.to_csv(tmp_path / "orders.csv", index=False)
    people.to_csv(tmp_path / "people.csv", index=False)
    form = yaml.safe_load(yaml.safe_dump(SHOP))
    for kind in form["sources"].values():
        kind["path"] = str(tmp_path / kind["path"])
    for key, value in changes.items():
        *place, last = key.split("__")
        section = form
        for step in place:
            section = section.setdefault(step, {})
        section[last] = value
    path = tmp_path / "shop.yaml"
    path.write_text(yaml.safe_dump(form, allow_unicode=True), encoding="utf-8")
    return path


def problems(path):
    return check.problems(params.load(path), params.find_root(path))


def test_the_sums_are_those_of_the_rows_that_where_keeps(tmp_path):
    path = shop(tmp_path, sources__transactions__where="state <> 'void'")
    lines = understanding.of_path(str(path))
    kept = ORDERS[ORDERS.state != "void"]
    head = (
        f"transactions: orders.csv, 27 rows; {kept.day.min()} to {kept.day.max()}; 6 customers, "
        f"{kept.no.nunique()} orders; total value {kept.worth.sum():,.2f} EUR"
    )
    assert head in lines
    worth = ORDERS.worth.sum() - kept.worth.sum()
    assert any("left out by where: 3 rows" in line and f"{worth:,.2f}" in line for line in lines)
    (left,) = [line for line in lines if line.startswith("6 customers left to segment")]
    assert left.endswith(f"with 27 rows of transactions, worth {kept.worth.sum():,.2f} EUR")
    assert any(line.startswith("behavioural (forms segments): ") and "recency" in line for line in lines)


def test_what_identifies_persons_is_masked(tmp_path):
    path = shop(tmp_path, sources__customers__columns__city="mail")
    assert "planted.example" not in "\n".join(understanding.of_path(str(path)))


@pytest.mark.parametrize(
    ("orders", "changes", "words"),
    [
        (ORDERS.assign(worth="much"), {}, "'worth' are text, not numbers"),
        (ORDERS.assign(day=["2099-12-31", *ORDERS.day[1:]]), {}, "2099-12-31.*implausible_time: drop"),
        (ORDERS.assign(who="x"), {}, "none of 1 ids in column 'who'"),
        (ORDERS, {"as_of": dt.date(2020, 1, 1)}, "lie on or after as_of 2020-01-01"),
        (
            ORDERS,
            {"bases__behavioural": ["auto", "left"], "assess__risk": "left"},
            "neither yes nor no .*levels.left",
        ),
        (
            ORDERS,
            {"segment__exclude": ["recensy"]},
            "segment.exclude names 'recensy'.*Did you mean 'recency'",
        ),
    ],
)
def test_what_a_run_would_refuse_is_refused(tmp_path, orders, changes, words):
    path = shop(tmp_path, orders, **changes)
    assert problems(path) == []
    with pytest.raises(DataError, match=words):
        understanding.of_path(str(path))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"sources__customers__dates": "%d/%m/%Y"},
            "sources.customers.dates has no effect: columns names no times",
        ),
        ({"sources__customers__timezone": "Europe/Rome"}, "sources.customers.timezone has no effect"),
        (
            {"sources__transactions__dates": {"worth": "%Y"}},
            "dates.worth has no effect: it is no column of times",
        ),
        (
            {"sources__transactions__rules": {"stale": "warn"}},
            "rules.stale has no effect: .*fresh_days is not set",
        ),
        ({"sources__customers__rules": {"no_consent": "stop"}}, "rules.no_consent has no effect"),
        ({"privacy__purpose": "profiling"}, "privacy.purpose has no effect"),
        (
            {"privacy__allow": ["mial"]},
            "privacy.allow names 'mial', which no source has.*Did you mean 'mail'",
        ),
        ({"levels__state": {"paid": 1, "void": 0}}, "levels.state has no effect: no basis names the column"),
        ({"branches": {"centre": {"latitude": 48.2, "longitude": 16.4}}}, "branches has no effect"),
    ],
)
def test_a_key_without_effect_is_an_error(tmp_path, changes, words):
    found = problems(shop(tmp_path, **changes))
    assert len(found) == 1
    assert re.search(words, found[0]), found
