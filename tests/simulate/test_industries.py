"""The industries that ship: as their stories say, found again, and readable by their params."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import yaml
from sklearn.metrics import adjusted_rand_score

from seglib import estimators, simulate
from seglib import segment as engine
from seglib.catalogue.sources import KINDS
from seglib.collect.features.given import described
from seglib.project import params
from seglib.simulate import INDUSTRIES, Industry
from seglib.simulate.sections import Number
from seglib.simulate.specification import CONTACT

#: By industry, what the field segments on: attributes, traits, and what is bought.
FORMING = {
    "b2b_software": (
        "employees",
        "annual_revenue",
        "growth_percent",
        "hosting",
        "single_sign_on",
        "seats",
        "active_percent",
    ),
    "banking": (
        "salary_account",
        "current_balance",
        "savings_balance",
        "investments",
        "loans",
        "purchases_a_year",
        "amount",
    ),
    "healthcare": (
        "care_score",
        "prescriptions",
        "checks_up_to_date",
        "planned_visits",
        "urgent_visits",
        "missed_percent",
    ),
    "telecom": ("data_gb", "voice_minutes", "texts", "data_plan_used_percent", "amount"),
    "travel": (
        "adventure",
        "comfort",
        "planning",
        "thrift",
        "lead_days",
        "nights",
        "party_size",
        "business_percent",
    ),
}


@pytest.fixture(scope="module")
def generated() -> dict[str, dict[str, pd.DataFrame]]:
    return {name: simulate.generate(simulate.industry(name), 1500, seed=1) for name in INDUSTRIES}


def cleaned(industry: Industry, kind: str, table: pd.DataFrame) -> pd.DataFrame:
    """Name columns by their roles, and remove the errors that were added."""
    table = table.rename(columns={column: role for role, column in industry.columns[kind].items()})
    table = table.assign(customer=table.customer.str.strip()).dropna(subset="customer").drop_duplicates()
    return table[table.time < pd.Timestamp(industry.as_of)] if "time" in table.columns else table


def attributes(industry: Industry, customers: pd.DataFrame) -> pd.DataFrame:
    columns = {}
    for name, attribute in industry.attributes.items():
        column = customers.set_index("customer")[name]
        if attribute.before:
            column = (pd.Timestamp(industry.as_of) - column).dt.days / 365.25
        columns[name] = column.mask(column == attribute.impossible)
    return pd.DataFrame(columns)


def features(industry: Industry, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Compute what was planted, as it shows in the tables: one row per customer who has bought."""
    named = {kind: cleaned(industry, kind, table) for kind, table in tables.items() if kind != "truth"}
    rows = named["transactions"]
    rows = rows.assign(amount=rows.get("amount", rows.get("quantity", 1) * rows.get("price", 1)))
    orders = rows[rows.amount > 0].groupby(["customer", "order"]).agg({"time": "min", "amount": "sum"})
    by = orders.assign(evening=orders.time.dt.hour >= 18).groupby("customer")
    events = named["events"].groupby(["customer", "type"]).size().unstack(fill_value=0)
    answers = named["responses"]
    items = industry.items
    turned = answers.item.map({name: item.low + item.high for name, item in items.items() if item.reverse})
    answers = answers.assign(
        trait=answers.item.map({name: item.trait for name, item in items.items()}),
        score=(turned - answers.score).fillna(answers.score),
    )
    parts = [
        attributes(industry, named["customers"]),
        by.agg(
            purchases_a_year=("time", "size"), amount=("amount", "mean"), evening_share=("evening", "mean")
        ),
        (events * 90 / industry.event_days).add_suffix("_a_quarter"),
        answers.groupby(["customer", "trait"]).score.mean().unstack(),
    ]
    truth = tables["truth"].set_index("customer_id").segment
    bought = truth.index[truth != simulate.PROSPECT]
    joined = pd.concat([part.reindex(bought) for part in parts], axis=1)
    return joined.assign(purchases_a_year=joined.purchases_a_year / industry.days * 365.25)


def by_segment(name: str, tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.Series]:
    customers = features(simulate.industry(name), tables)
    return customers, tables["truth"].set_index("customer_id").segment.reindex(customers.index)


def segmented(customers: pd.DataFrame) -> tuple[pd.Series, str]:
    """Segment customers as the third stage of a project does; return the segments and the verdict."""
    levels = {c: described(c, customers[c], "given", None, "customers").level for c in customers}
    prepared = estimators.preparation(estimators.plan(customers, levels), 0.02).fit_transform(customers)
    methods = estimators.suitable("auto", estimators.measured(prepared))
    plan = engine.Resampling(n_resamples=10, sample=1000, seed=0)
    compared = engine.compare(methods, prepared, range(2, 9), plan, 0.02)
    judgement = engine.judgement(compared, prepared, plan, 0.02)
    return pd.Series(judgement.comparison.fit.labels, index=customers.index), engine.verdict(judgement).word


@pytest.mark.parametrize("name", INDUSTRIES)
def test_segments_are_as_large_as_planted(name, generated):
    industry, truth = simulate.industry(name), generated[name]["truth"].segment
    assert 4 <= len(industry.segments) <= 6
    shares = truth[truth != simulate.PROSPECT].value_counts(normalize=True)
    for segment, planted in industry.segments.items():
        assert shares[segment] == pytest.approx(planted.share, abs=0.015), segment


@pytest.mark.parametrize("name", FORMING)
def test_attributes_are_as_planted(name, generated):
    industry = simulate.industry(name)
    customers, segment = by_segment(name, generated[name])
    checked = 0
    for named, planted in industry.segments.items():
        own = customers[segment == named]
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


@pytest.mark.parametrize("name", INDUSTRIES)
def test_purchases_and_events_are_as_planted(name, generated):
    customers, segment = by_segment(name, generated[name])
    industry = simulate.industry(name)
    for named, planted in industry.segments.items():
        own, spec = customers[segment == named], planted.purchases
        assert own.amount.median() == pytest.approx(spec.basket, rel=0.3), named
        stay = planted.contracts is None or planted.contracts.churn <= 0.001
        if stay and planted.tenure[0] >= industry.days and spec.per_year * industry.days > 1000:
            assert own.purchases_a_year.mean() == pytest.approx(spec.per_year, rel=0.1), named
        if spec.per_year > 10:
            assert own.evening_share.mean() == pytest.approx(spec.evening, abs=0.05), named
        for kind, mean in planted.visits.per_quarter.items():
            if mean >= 5 and planted.tenure[0] >= industry.event_days:
                assert own[f"{kind}_a_quarter"].mean() == pytest.approx(mean, rel=0.15), (named, kind)


@pytest.mark.parametrize("name", FORMING)
def test_campaigns_work_as_much_as_planted_and_holdouts_are_not_paid_for(name):
    industry = simulate.industry(name)
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


@pytest.mark.parametrize("name", FORMING)
def test_the_engine_finds_what_was_planted(name):
    industry = simulate.industry(name)
    tables = simulate.generate(industry, 1500)
    customers, truth = by_segment(name, tables)
    segments, structure = segmented(customers[list(FORMING[name])])
    assert segments.nunique() == len(industry.segments)
    assert adjusted_rand_score(truth, segments) >= 0.8
    assert structure in ("natural", "reproducible")


@pytest.mark.parametrize("name", INDUSTRIES)
def test_contact_data_are_of_reserved_domains_and_numbers(name, generated):
    customers = generated[name]["customers"]
    names = simulate.industry(name).columns["customers"]
    assert customers[names["email"]].str.fullmatch(r"customer\.[a-z]\d+@example\.com").all()
    if "phone" in names:
        assert customers[names["phone"]].str.fullmatch(r"\+44 7700 900\d{3}").all()


@pytest.mark.parametrize("name", INDUSTRIES)
def test_the_params_read_the_tables_that_are_generated(name, generated, root):
    loaded, industry = params.load(root / "params" / f"{name}.yaml"), simulate.industry(name)
    assert loaded.as_of == industry.as_of
    sources = loaded.sources.named()
    assert set(sources) == set(generated[name]) - {"truth"}
    for kind, source in sources.items():
        assert source.path == f"data/{name}/{kind}.parquet"
        columns = source.columns.model_dump(exclude_none=True)
        contact = {industry.columns[kind].get(key) for key in CONTACT}
        written = set(generated[name][kind].columns)
        assert set(columns.values()) | set(source.ranges) <= written - contact, kind
        for role, column in industry.columns[kind].items():
            if role not in CONTACT:
                assert columns[role] == column, (kind, role)
    assert set(loaded.given()) <= set(generated[name]["customers"].columns) - contact


@pytest.mark.parametrize("name", INDUSTRIES)
def test_scales_and_needs_are_those_of_the_survey(name, root):
    loaded, items = params.load(root / "params" / f"{name}.yaml"), simulate.industry(name).items
    for scale in loaded.scales.values():
        traits = {items[item].trait for item in scale.items}
        assert len(traits) == 1
        assert scale.items == [item for item, of in items.items() if of.trait in traits]
        assert scale.reverse == [item for item, of in items.items() if of.trait in traits and of.reverse]
        assert {(items[item].low, items[item].high) for item in scale.items} == {tuple(scale.range)}
    for need in loaded.needs.values():
        assert {need.importance, need.met} <= set(items)


@pytest.mark.parametrize("name", INDUSTRIES)
def test_the_header_says_where_the_data_come_from(name, root):
    text = (root / "params" / f"{name}.yaml").read_text(encoding="utf-8")
    option = "" if name == "demo" else f"--industry {name} "
    assert f"`seglib simulate {option}data/{name}`" in text


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
    for name in INDUSTRIES:
        for kind, columns in simulate.industry(name).columns.items():
            known = {role.name for role in KINDS[kind].roles} | {*CONTACT}
            assert set(columns) <= known


def test_the_documentation_contains_every_story(root):
    text = (root / "docs" / "simulation.md").read_text(encoding="utf-8")
    for name in INDUSTRIES:
        for segment, planted in simulate.industry(name).segments.items():
            assert f"| {segment} | {planted.share:.0%} | {planted.story} |" in text


def test_the_example_of_the_documentation_runs_as_it_is_printed(root, tmp_path, monkeypatch, capsys):
    """Its specification is generated, its study executed, and its output is what stands below it."""
    text = (root / "docs" / "simulation.md").read_text(encoding="utf-8")
    own, study, output = re.search(
        r"```yaml\n(.*?)```.*?```python\n(.*?)```.*?```text\n(.*?)```", text, re.S
    ).groups()
    assert yaml.safe_load(own)["segments"]
    (tmp_path / "kiosk.yaml").write_text(own, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(compile(study, "simulation.md", "exec"), {})
    assert capsys.readouterr().out == output
