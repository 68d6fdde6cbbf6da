"""The industries that ship: as their stories say, found again, and readable by their params."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import yaml

from seglib import simulate
from seglib.catalogue.sources import KINDS
from seglib.project import params
from seglib.simulate import Number, planning
from seglib.simulate.industries import INDUSTRIES
from seglib.simulate.summary import summary

NAMES = sorted(INDUSTRIES)


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, pd.DataFrame]]:
    return {name: simulate.generate(INDUSTRIES[name], 1500, seed=1) for name in NAMES}


def by_segment(name: str, tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.Series]:
    features = summary(INDUSTRIES[name], tables)
    return features, tables["truth"].set_index("customer_id").segment.reindex(features.index)


@pytest.mark.parametrize("name", NAMES)
def test_segments_are_as_large_as_planted(name, made):
    industry, truth = INDUSTRIES[name], made[name]["truth"].segment
    assert 4 <= len(industry.segments) <= 6
    shares = truth[truth != simulate.PROSPECT].value_counts(normalize=True)
    for segment, planted in industry.segments.items():
        assert shares[segment] == pytest.approx(planted.share, abs=0.015), segment


@pytest.mark.parametrize("name", NAMES)
def test_attributes_are_as_planted(name, made):
    industry = INDUSTRIES[name]
    features, segment = by_segment(name, made[name])
    checked = 0
    for named, planted in industry.segments.items():
        own = features[segment == named]
        for column, values in planted.attributes.items():
            if isinstance(values, Number) and values.typical >= 10:  # smaller ones are rounded
                assert own[column].median() == pytest.approx(values.typical, rel=0.12), (named, column)
                checked += 1
            elif isinstance(values, dict):
                shares = own[column].value_counts(normalize=True)
                total = sum(values.values())
                for answer, weight in values.items():
                    assert shares.get(answer, 0) == pytest.approx(weight / total, abs=0.1), (named, column)
                checked += 1
    assert checked > 15


@pytest.mark.parametrize("name", NAMES)
def test_purchases_and_events_are_as_planted(name, made):
    features, segment = by_segment(name, made[name])
    industry = INDUSTRIES[name]
    for named, planted in industry.segments.items():
        own, spec = features[segment == named], planted.purchases
        assert own.amount.median() == pytest.approx(spec.basket, rel=0.3), named
        stay = planted.contracts is None or planted.contracts.churn <= 0.001
        if stay and planted.tenure[0] >= industry.days and spec.per_year * industry.days > 1000:
            assert own.purchases_a_year.mean() == pytest.approx(spec.per_year, rel=0.1), named
        if spec.per_year > 10:
            assert own.evening_share.mean() == pytest.approx(spec.evening, abs=0.05), named
        for kind, mean in planted.visits.per_quarter.items():
            if mean >= 5 and planted.tenure[0] >= industry.event_days:
                assert own[f"{kind}_a_quarter"].mean() == pytest.approx(mean, rel=0.15), (named, kind)


@pytest.mark.parametrize("name", NAMES)
def test_campaigns_work_as_much_as_planted_and_holdouts_are_not_paid_for(name):
    industry = INDUSTRIES[name]
    tables = simulate.generate(industry, 6000, seed=2)
    roles = {column: role for role, column in industry.columns["campaigns"].items()}
    sent = tables["campaigns"].rename(columns=roles)
    truth = tables["truth"].set_index("customer_id").segment
    sent = sent.assign(segment=sent.customer.str.strip().map(truth), responded=sent.responded == "yes")
    assert (sent.cost[sent.holdout == "yes"] == 0).all()
    shares = sent.groupby(["campaign", "segment", "holdout"]).responded.agg(["mean", "size"])
    for (campaign, segment, holdout), row in shares.iterrows():
        if segment != simulate.PROSPECT and row["size"] >= 40:
            wanted = industry.segments[segment].responds[campaign][holdout == "yes"]
            assert row["mean"] == pytest.approx(
                wanted, abs=4.2 * (wanted * (1 - wanted) / row["size"]) ** 0.5 + 1e-9
            )


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_finds_what_was_planted(name):
    found = planning.recovery(INDUSTRIES[name], [1500], n_resamples=10, sample=1000).iloc[0]
    assert found.found == found.planted
    assert found.agreement >= 0.8
    assert found.structure in ("natural", "reproducible")


@pytest.mark.parametrize("name", NAMES)
def test_contacts_are_nobody_s(name, made):
    customers = made[name]["customers"]
    names = INDUSTRIES[name].columns["customers"]
    assert customers[names["email"]].str.fullmatch(r"customer\.[a-z]\d+@example\.com").all()
    assert customers[names["phone"]].str.fullmatch(r"\+44 7700 900\d{3}").all()


@pytest.mark.parametrize("name", NAMES)
def test_the_params_read_the_tables_that_are_generated(name, made, root):
    loaded, industry = params.load(root / "params" / f"{name}.yaml"), INDUSTRIES[name]
    assert loaded.as_of == industry.as_of
    sources = loaded.sources.named()
    assert set(sources) == set(made[name]) - {"truth"}
    for kind, source in sources.items():
        assert source.path == f"data/{name}/{kind}.parquet"
        columns = source.columns.model_dump(exclude_none=True)
        contact = {industry.columns[kind].get(key) for key in ("email", "phone")}
        written = set(made[name][kind].columns)
        assert set(columns.values()) | set(source.ranges) <= written - contact, kind
        for role, column in industry.columns[kind].items():
            if role not in ("email", "phone"):
                assert columns[role] == column, (kind, role)
    assert set(loaded.given()) <= set(made[name]["customers"].columns) - contact


@pytest.mark.parametrize("name", NAMES)
def test_scales_and_needs_are_those_of_the_survey(name, root):
    loaded, items = params.load(root / "params" / f"{name}.yaml"), INDUSTRIES[name].items
    for scale in loaded.scales.values():
        traits = {items[item].trait for item in scale.items}
        assert len(traits) == 1
        assert scale.items == [item for item, of in items.items() if of.trait in traits]
        assert scale.reverse == [item for item, of in items.items() if of.trait in traits and of.reverse]
        assert {(items[item].low, items[item].high) for item in scale.items} == {tuple(scale.range)}
    for need in loaded.needs.values():
        assert {need.importance, need.met} <= set(items)


@pytest.mark.parametrize("name", NAMES)
def test_the_header_says_where_the_data_come_from(name, root):
    text = (root / "params" / f"{name}.yaml").read_text(encoding="utf-8")
    assert f"`seglib simulate --industry {name} data/{name}`" in text


def test_health_forms_segments_only_where_the_params_say_why(root):
    loaded = params.load(root / "params" / "healthcare.yaml")
    privacy = loaded.privacy
    assert privacy.strict
    assert privacy.min_cell == 20
    of_health = {*loaded.bases["needs"], *loaded.bases["behavioural"]} - {"auto"}
    assert of_health == set(privacy.protected)
    assert of_health - set(privacy.form_on) == set(loaded.segment.exclude) - {"gift_season_share"}
    text = (root / "params" / "healthcare.yaml").read_text(encoding="utf-8")
    assert re.search(r"# Care is planned .*\n.*\n  form_on:", text)


def test_every_role_that_an_industry_writes_is_one_of_its_kind():
    for industry in INDUSTRIES.values():
        for kind, columns in industry.columns.items():
            known = {role.name for role in KINDS[kind].roles} | {"email", "phone"}
            assert set(columns) <= known


def test_the_documentation_tells_every_story(root):
    text = (root / "docs" / "simulation.md").read_text(encoding="utf-8")
    for industry in INDUSTRIES.values():
        for name, planted in industry.segments.items():
            assert f"| {name} | {planted.share:.0%} | {planted.story} |" in text


def test_the_own_specification_of_the_documentation_can_be_generated(root, tmp_path):
    text = (root / "docs" / "simulation.md").read_text(encoding="utf-8")
    own = re.search(r"```yaml\n(.*?)```", text, re.S)[1]
    assert yaml.safe_load(own)["segments"]
    (tmp_path / "own.yaml").write_text(own)
    tables = simulate.generate(simulate.read(tmp_path / "own.yaml"), 200)
    assert len(tables["truth"]) == 200
