"""The params file: strict, all problems at once, nearest names offered."""

from __future__ import annotations

import copy

import pytest
import yaml

from seglib.errors import ParamsError
from seglib.project import params

GOOD = yaml.safe_load("""
title: A
objective: retention
as_of: 2024-01-01
sources: {customers: {path: c.csv, columns: {customer: id}}}
bases: {demographic: [age]}
segment: {"on": [demographic]}
""")


def load(tmp_path, raw, *overrides):
    file = tmp_path / "acme.yaml"
    file.write_text(yaml.safe_dump(raw))
    return params.load(file, overrides)


def changed(path: str, value: object) -> dict:
    raw = copy.deepcopy(GOOD)
    *sections, last = path.split(".")
    at = raw
    for step in sections:
        at = at.setdefault(step, {})
    at[last] = value
    return raw


def test_a_good_file_loads_with_its_name(tmp_path):
    loaded = load(tmp_path, GOOD)
    assert loaded.name == "acme"
    assert loaded.given() == {"age": "demographic"}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "segment.on",
            ["behavioral"],
            r"acme.yaml: segment.on names 'behavioral'; known bases: .*Did you mean 'behavioural'",
        ),
        (
            "segment.on",
            ["value"],
            r"segment.on names 'value', which bases does not; named there: demographic",
        ),
        ("objektive", "x", r"there is no key 'objektive'; known keys: .*Did you mean 'objective'"),
        ("segment.kk", 3, r"segment has no key 'kk'; known keys: .*k, max_missing"),
        ("sources.customers.pth", "x", r"sources.customers has no key 'pth'.*Did you mean 'path'"),
        (
            "objective",
            "retain",
            r"objective: found 'retain'; allowed: acquisition, growth, retention, service",
        ),
        ("as_of", "tomorrow", r"as_of found 'tomorrow'; allowed: a date"),
        ("segment.k", "many", r"segment.k"),
        ("segment.k", 1, r"segment.k found 1; allowed: a whole number from 2 to 30"),
        ("segment.k", 2.5, r"segment.k found 2.5"),
        ("segment.k", {"min": 5, "max": 3}, r"min 5 is above max 3"),
        ("segment.seed", -1, r"segment.seed: found -1"),
        ("segment.seed", "0", r"segment.seed: found '0'"),
        ("segment.methods", ["kmeans"], r"found 'kmeans'; allowed: .*Did you mean 'k-means'"),
        ("bases", {"demografic": ["age"]}, r"demografic"),
        ("bases.geographic", "town", r"bases.geographic: found 'town'; allowed: auto, or a list"),
        (
            "levels",
            {"age": "continuous"},
            r"levels.age: found 'continuous'; allowed: binary, interval, nominal, ordinal, ratio",
        ),
        ("sources", {}, r"needs at least one of customers or transactions"),
        ("sources.customers.connection", "sqlite://x.db", r"needs either 'path' or 'connection'"),
        (
            "sources.events",
            {"path": "e.csv", "columns": {"customer": "id"}},
            r"sources.events.columns.time is missing",
        ),
        ("currency", "pounds", r"currency: found 'pounds'"),
        ("privacy.min_cell", 0, r"privacy.min_cell: found 0"),
        ("target.weights", {"size": 0}, r"all weights are zero"),
        ("title", "", r"title: found ''; allowed: one line"),
        ("title", "a\nb", r"allowed: one line"),
        ("segment.on", ["demographic", "demographic"], r"names 'demographic' twice"),
        ("bases.geographic", ["age"], r"bases name the column 'age' twice"),
        ("segment", None, r"segment: is empty; allowed: a section"),
        (
            "sources.customers.columns.consent",
            "id",
            r"sources.customers.columns names 'id' for consent, customer",
        ),
        (
            "assess.satisfaction",
            {"recomend": "nps"},
            r"assess.satisfaction has no key 'recomend'.*Did you mean 'recommend'",
        ),
        ("assess.satisfaction.recommend", 7, r"assess.satisfaction.recommend: found 7"),
        ("target.weights", {"size": float("inf")}, r"target.weights.size: found inf"),
        (
            "assess.names",
            {"Many orders": "Regulars", "Few orders": "regulars "},
            r"assess.names would call two segments 'Regulars'",
        ),
        (
            "assess.names",
            {"Many orders": " "},
            r"assess.names.Many orders: found ' '; allowed: a name of one line",
        ),
        ("assess.names", {" ,": "Regulars"}, r"assess.names .Regulars. stands by an empty key"),
        (
            "sources.transactions",
            {
                "path": "t.csv",
                "cancelled_prefix": "C",
                "columns": {"customer": "c", "time": "t", "amount": "a"},
            },
            r"sources.transactions cancelled_prefix needs columns.order",
        ),
    ],
)
def test_a_bad_value_is_named(tmp_path, path, value, message):
    with pytest.raises(ParamsError, match=message):
        load(tmp_path, changed(path, value))


def test_everything_wrong_is_said_at_once(tmp_path):
    raw = changed("objective", "retain") | {"title": 3, "nonsense": 1}
    with pytest.raises(ParamsError, match="title: found 3") as caught:
        load(tmp_path, raw)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(str(tmp_path / "acme.yaml: ")) for line in lines)


def test_on_yes_and_no_are_words(tmp_path):
    file = tmp_path / "acme.yaml"
    file.write_text(
        yaml.safe_dump(GOOD).replace("'on'", "on").replace('"on"', "on") + "levels: {yes: {no: 1, yes: 2}}\n"
    )
    loaded = params.load(file)
    assert loaded.segment.on == ["demographic"]
    assert loaded.levels == {"yes": {"no": 1, "yes": 2}}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("segment.k", "allowed: KEY=VALUE"),
        ("title.x=1", "'title' is a value, not a section"),
        ("segment.kk=2", "segment has no key 'kk'"),
        ("segment.k=[", "is not YAML"),
    ],
)
def test_a_bad_override_is_named(tmp_path, assignment, message):
    with pytest.raises(ParamsError, match=message):
        load(tmp_path, GOOD, assignment)


def test_an_override_changes_one_value(tmp_path):
    loaded = load(tmp_path, GOOD, "segment.k=5", "segment.seed=7")
    assert (loaded.segment.k.min, loaded.segment.k.max, loaded.segment.seed) == (5, 5, 7)


def test_a_missing_file_offers_the_nearest(tmp_path):
    load(tmp_path, GOOD)
    with pytest.raises(ParamsError, match=r"no such file; beside it: acme.yaml. Did you mean 'acme.yaml'"):
        params.load(tmp_path / "acmee.yaml")


def test_secrets_come_from_the_environment_and_are_never_shown(monkeypatch):
    monkeypatch.setenv("SHOP_DB", "sqlite://x.db")
    assert params.expand("${SHOP_DB}") == "sqlite://x.db"
    monkeypatch.delenv("SHOP_DB")
    with pytest.raises(ParamsError, match="environment variable SHOP_DB, which is not set"):
        params.expand("${SHOP_DB}")


def test_the_schema_on_disk_is_current(root):
    assert (root / "params" / "schema.json").read_text(encoding="utf-8") == params.schema()


def test_every_shipped_file_is_well_formed(root):
    for file in (root / "params").glob("*.yaml"):
        if file.name != "plays.yaml":
            assert params.load(file).name == file.stem
    assert any(p["play"] == "Leave alone" for p in params.load_plays(root / "params" / "plays.yaml"))


def test_a_library_of_plays_without_a_last_resort_is_refused(tmp_path, root):
    text = (root / "params" / "plays.yaml").read_text(encoding="utf-8")
    (tmp_path / "plays.yaml").write_text(
        text.replace("play: Leave alone", "play: Do nothing"), encoding="utf-8"
    )
    with pytest.raises(ParamsError, match="needs a play 'Leave alone'"):
        params.load_plays(tmp_path / "plays.yaml")


@pytest.mark.parametrize("text", ["as_of: 2025-02-30", "name: 0x_", "title: " + "[" * 3000])
def test_what_yaml_cannot_read_is_one_line(tmp_path, text):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(ParamsError, match="is not YAML") as caught:
        params.load(tmp_path / "a.yaml")
    assert "\n" not in str(caught.value)


def test_a_value_of_several_lines_is_refused():
    with pytest.raises(ParamsError, match="a value on one line"):
        params.parse_value("a\nname: x", "--set title")
