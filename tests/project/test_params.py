"""The params file: strict, all problems at once, nearest names offered."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.errors import ParamsError
from seglib.project import params
from seglib.project.yaml_text import parse_yaml

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
        ("segment.kk", 3, r"segment has no key 'kk'; known keys: .*k, level, max_missing"),
        ("sources.customers.pth", "x", r"sources.customers has no key 'pth'.*Did you mean 'path'"),
        (
            "objective",
            "retain",
            r"objective: found 'retain'; allowed: acquisition, allocation, development, growth, retention, service",
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
        ("assess.names", {" ,": "Regulars"}, r"assess.names .Regulars. has an empty key"),
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


@pytest.mark.parametrize("text", ["as_of: 2025-02-30", "name: 0x_", "title: " + "[" * 30])
def test_what_yaml_cannot_read_is_one_line(tmp_path, text):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(ParamsError, match="is not YAML") as caught:
        params.load(tmp_path / "a.yaml")
    assert "\n" not in str(caught.value)


def test_a_value_of_several_lines_is_refused():
    with pytest.raises(ParamsError, match="a value on one line"):
        params.parse_value("a\nname: x", "--set title")


def test_a_key_that_was_renamed_is_refused_with_its_new_name(tmp_path, monkeypatch):
    renamed = {"assess.strength": "assess.capability", "sources.*.pfad": "sources.*.path", "as_off": "as_of"}
    monkeypatch.setattr(params, "RENAMED", renamed)
    raw = changed("assess.strength", 1) | {"as_off": 3}
    raw["sources"]["customers"]["pfad"] = "c.csv"
    with pytest.raises(ParamsError, match="assess.strength is now called assess.capability") as caught:
        load(tmp_path, raw)
    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'acme.yaml'}: assess.strength is now called assess.capability; rename it",
        f"{tmp_path / 'acme.yaml'}: sources.customers.pfad is now called sources.customers.path; rename it",
        f"{tmp_path / 'acme.yaml'}: as_off is now called as_of; rename it",
    ]
    with pytest.raises(ParamsError, match="assess.strength is now called assess.capability; rename it"):
        load(tmp_path, GOOD, "assess.strength=2")
    assert load(tmp_path, GOOD).name == "acme"


@pytest.mark.parametrize(
    ("key", "value", "now"),
    [
        ("assess.min_recovery", 0.5, "assess.min_stability"),
        ("target.weights", {"recovery": 1.0}, "target.weights.stability"),
    ],
)
def test_recovery_is_refused_with_the_name_of_stability(tmp_path, key, value, now):
    with pytest.raises(ParamsError, match=f"is now called {now}; rename it"):
        load(tmp_path, changed(key, value))


def test_a_key_of_a_play_that_was_renamed_is_refused_in_the_library_too(tmp_path, monkeypatch):
    monkeypatch.setattr(params, "RENAMED", {"target.plays.*.medium": "target.plays.*.channel"})
    (tmp_path / "plays.yaml").write_text("- play: Leave alone\n- play: Win back\n  medium: e-mail\n")
    with pytest.raises(ParamsError, match=r"plays.yaml: entry 1.medium is now called 1.channel; rename it"):
        params.load_plays(tmp_path / "plays.yaml")
    with pytest.raises(ParamsError, match=r"target.plays.0.medium is now called target.plays.0.channel"):
        load(tmp_path, changed("target.plays", [{"play": "Win back", "medium": "e-mail"}]))


# YAML


def billion_laughs():
    levels = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for below, name in zip("abcdefgh", "bcdefghi", strict=True):
        levels.append(f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]")
    return "\n".join(levels)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: !!binary x", "line 1 uses the YAML tag"),
        ("a: 1\ntitle: !secret x", "line 2 uses the YAML tag '!secret'"),
        ("title: a\nas_of: x\ntitle: b", "the key 'title' stands twice, again in line 3"),
        ("segment:\n  k: 3\n  k: 4", "the key 'k' stands twice, again in line 3"),
        ("title: a\nsegment: {k: 1", "is not YAML: line 2: "),
        ("title: a\n---\ntitle: b", "is not YAML: line 2: but found another document"),
        ("title: *nothing", "is not YAML: line 1: found undefined alias"),
        ("title:\n\tk: 1", "is not YAML: line 2: found character"),
        ("title: \x01", "is not YAML"),
        ('title: "\\UFFFFFFFF"', "is not YAML"),
        ("title: " + "9" * 5000, "is not YAML"),
        ("{{a: 1}: 2}", "is not YAML"),
        (billion_laughs(), "line 2 repeats '\\*a' inside an anchor; write it out"),
        ("title: &a [*a]", "line 1 repeats '\\*a' inside an anchor"),
        ("title: " + "[" * 50_000, "line 1 is nested more than 40 levels deep"),
        ("- " * 5000 + "x", "nested more than 40 levels deep"),
        ("\n".join(" " * i + "a:" for i in range(600)), "line 41 is nested more than 40 levels deep"),
        ("title: " + "x" * 300_000, "holds 300,007 characters; allowed: at most 200,000"),
    ],
)
def test_yaml_that_is_damaged_or_malicious_is_one_line_in_no_time(tmp_path, text, message):
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    began = time.process_time()
    with pytest.raises(ParamsError, match=message) as caught:
        params.load(tmp_path / "a.yaml")
    assert time.process_time() - began < 2
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'a.yaml'}: ")


@settings(deadline=None, max_examples=200)
@given(st.text("a:1 -[]{}&*!|>%@`'\"#,?\n\t~_.=<\\é", max_size=30))
def test_no_text_gets_more_than_an_error_of_params(text):
    with contextlib.suppress(ParamsError):
        parse_yaml(text, "a.yaml")


def test_values_are_read_as_yaml_1_2(tmp_path):
    text = "a: yes\nb: on\nc: True\nd: 012\ne: 1e3\nf: 2024-01-31\ng: ~\nh: &x [1]\ni: *x\n"
    assert parse_yaml(text, "a.yaml") == {
        "a": "yes",
        "b": "on",
        "c": True,
        "d": 12,
        "e": 1000.0,
        "f": dt.date(2024, 1, 31),
        "g": None,
        "h": [1],
        "i": [1],
    }


def test_a_library_of_plays_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "plays.yaml").write_bytes("- play: Rückgewinnung\n".encode("latin-1"))
    with pytest.raises(ParamsError, match=r"plays.yaml: is not UTF-8 \(byte 9\)"):
        params.load_plays(tmp_path / "plays.yaml")
