"""Protected attributes: found by their names, kept out of the fit, and looked for behind segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from customers_of_three import catalogue_of

from seglib import report, segment
from seglib.assess.naming import profiles
from seglib.errors import ParamsError
from seglib.privacy.protected import attribute, marked, nearly_groups, protected, visible
from seglib.report import Context, under


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("Age", "age"),
        ("customer_age", "age"),
        ("SeniorCitizen", "age"),
        ("DOB", "age"),
        ("AGEG", "age"),
        ("agegrp", "age"),
        ("AgeCat", "age"),
        ("born", "age"),
        ("year_of_birth", "age"),
        ("Generation", "age"),
        ("How old are you?", "age"),
        ("years_old", "age"),
        ("birth_date", "age"),
        ("Alter", "age"),
        ("Geburtsjahr", "age"),
        ("Âge du client", "age"),
        ("date_naissance", "age"),
        ("edad", "age"),
        ("FechaNacimiento", "age"),
        ("idade", "age"),
        ("età", "age"),
        ("leeftijd", "age"),
        ("wiek", "age"),
        ("gender", "gender"),
        ("Sex", "gender"),
        ("Geschlecht", "gender"),
        ("Anrede", "gender"),
        ("sexe", "gender"),
        ("género", "gender"),
        ("sesso", "gender"),
        ("geslacht", "gender"),
        ("płeć", "gender"),
        ("plec", "gender"),
        ("is_female", "gender"),
        ("Ethnicity", "ethnicity"),
        ("race", "ethnicity"),
        ("Staatsangehörigkeit", "ethnicity"),
        ("nationalité", "ethnicity"),
        ("has_disability", "health"),
        ("Schwerbehindert", "health"),
        ("santé", "health"),
        ("diagnosis_code", "health"),
        ("religion", "religion"),
        ("Konfession", "religion"),
        ("chiesa", "religion"),
    ],
)
def test_names_tell_of_protected_attributes_in_several_languages(name, want):
    assert attribute(name) == want


@pytest.mark.parametrize(
    "name",
    [
        "healthy",
        "health_and_beauty",
        "Health & Beauty",
        "health_food_spend",
        "lead_generation",
        "page_views",
        "storage",
        "average_order",
        "account_age",
        "vehicle_age",
        "wage",
        "package",
        "message_count",
        "Essex",
        "management",
        "traces",
        "embrace",
        "usage",
        "region",
        "tenure",
        "language",
        "Partner",
        "Dependents",
        "expensive",
        "manual",
        "order_count",
        "weekend_share",
        "Churn",
        "",
    ],
)
def test_other_names_do_not(name):
    assert not protected(name)


def test_a_label_and_the_params_tell_too():
    assert protected("c17", "Age in years")
    assert protected("union", "Union", ["union"])
    assert not protected("union", "Union")


def catalogue() -> pd.DataFrame:
    return catalogue_of(gender="binary", age="ratio", x="ratio", club="nominal")


def test_marks_come_from_names_the_params_and_the_catalogue():
    given = catalogue().assign(protected=[False, False, True, False])
    got = marked(given, extra=["club"]).set_index("feature")
    assert got.protected.all()
    assert got.attribute.to_dict() == {
        "gender": "gender",
        "age": "age",
        "x": "protected",
        "club": "protected",
    }
    assert visible(got.reset_index(), strict=True).empty
    assert len(visible(got.reset_index(), strict=False)) == 4


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("extra", r"privacy\.protected names 'clubb'; known features: .*Did you mean 'club'"),
        ("form_on", r"privacy\.form_on names 'clubb'; known features: .*Did you mean 'club'"),
    ],
)
def test_a_name_that_is_no_feature_is_refused(key, message):
    with pytest.raises(ParamsError, match=message):
        marked(catalogue(), **{key: ["clubb"]})


def customers(n: int = 1000, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "gender": rng.choice(["woman", "man"], n),
            "age": rng.integers(18, 90, n).astype(float),
            "x": rng.normal(size=n),
            "club": rng.choice(["a", "b", "c"], n),
        }
    )


def described(**more: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = customers()
    entries = marked(catalogue()).assign(basis="value", missing_share=0.0)
    return rows, entries.assign(**more)


def test_protected_attributes_do_not_form_segments_unless_they_are_named():
    rows, entries = described()
    entries["label"] = entries.feature
    got = segment.variables(rows, entries, ["value"], [], 0.3).set_index("feature")
    assert got.segmentation.to_dict() == {"gender": False, "age": False, "x": True, "club": True}
    assert got.why["age"] == "protected attribute"
    named = segment.variables(rows, entries, ["value"], [], 0.3, ["age"]).set_index("feature")
    assert named.segmentation.to_dict() == {"gender": False, "age": True, "x": True, "club": True}
    with under(Context("segment", labels={f: f.capitalize() for f in rows})):
        text = report.text("protected_variables", got.reset_index())
    assert "2 protected attributes" in text and "**gender and age**" in text
    assert "privacy.form_on" in text


def test_where_only_protected_attributes_are_asked_for_the_error_says_how():
    rows, entries = described()
    with pytest.raises(ParamsError, match=r"segment\.on: no feature .*protected attribute.*privacy\.form_on"):
        segment.variables(rows[["gender", "age"]], entries[:2], ["value"], [], 0.3)


def planted(share: float, n_segment: int, column: str = "gender") -> pd.DataFrame:
    """Segment 2 holds `share` of women, or of people over 70; segment 1 is everybody else."""
    rows = customers()
    rng = np.random.default_rng(1)
    wanted = rows.index[(rows.gender == "woman") if column == "gender" else (rows.age > 70)]
    others = rows.index.difference(wanted)
    inside = [
        *rng.choice(wanted, round(share * n_segment), replace=False),
        *rng.choice(others, n_segment - round(share * n_segment), replace=False),
    ]
    return rows.assign(segment=np.where(rows.index.isin(inside), 2, 1))


def told(near: pd.DataFrame, strict: bool = False) -> str:
    names = {1: "The rest", 2: "Club members"}
    with under(Context("assess", min_cell=10, names=names, strict=strict)):
        return report.text("protected_groups", near)


@pytest.mark.parametrize(
    ("share", "n", "nearly"),
    [
        (0.95, 200, True),
        (1.0, 200, True),
        (0.85, 200, True),
        (0.6, 200, False),
        (0.52, 300, False),
        (0.7, 200, False),
        (0.85, 14, False),
        (0.6, 10, False),
        (0.9, 10, False),
    ],
)
def test_a_segment_of_one_gender_is_named_and_an_ordinary_or_a_small_one_is_not(share, n, nearly):
    rows = planted(share, n)
    near = nearly_groups(rows, rows.segment, marked(catalogue()))
    found = near[near.nearly]
    assert found[["segment", "attribute"]].to_numpy().tolist() == ([[2, "gender"]] if nearly else [])
    said = told(near)
    assert ("**Club members**" in said) == nearly
    assert "The rest" not in said


@pytest.mark.parametrize("who", ["old", "of a middle age"])
def test_a_segment_of_one_age_is_named(who):
    rows = customers()
    inside = rows.age > 70 if who == "old" else rows.age.between(40, 52)
    near = nearly_groups(rows, inside.map({True: 2, False: 1}), marked(catalogue()))
    assert (2, "age") in set(near[near.nearly][["segment", "attribute"]].itertuples(index=False, name=None))
    assert near.auc.between(0.4, 1).all()


def test_the_check_is_true_and_the_page_reveals_no_few():
    rows = planted(0.98, 200)
    near = nearly_groups(rows, rows.segment, marked(catalogue())).set_index(["segment", "feature"])
    assert near.held[2, "gender"] == pytest.approx(0.98)
    with under(Context("assess", min_cell=10)):
        shown = report.table(report.declared(near.reset_index(), "protected"))
    assert "over 95%" in shown  # 4 men of 200
    assert "98%" not in shown
    assert "over 95% of this segment" in told(near.reset_index())
    none = nearly_groups(rows, rows.segment.where(rows.index > 5, 3), marked(catalogue()))
    assert 3 not in set(none.segment)


def test_one_segment_or_no_attribute_is_nothing_to_compare():
    rows = customers()
    one = nearly_groups(rows, pd.Series(1, rows.index), marked(catalogue()))
    assert one.empty
    assert "no protected attribute" in told(one)


def test_strict_says_the_verdict_and_no_share():
    rows = planted(0.95, 200)
    near = nearly_groups(rows, rows.segment, marked(catalogue()))
    said = told(near, strict=True)
    assert "by gender, **Club members**" in said
    with under(Context("assess", min_cell=10, strict=True)):
        assert report.table(report.declared(near, "protected")) == ""
    assert "%" not in said
    assert "woman" not in said
    shown = visible(marked(catalogue()), strict=True)
    portrait = profiles.profiles(rows[shown.feature], rows.segment, shown, 0.3)
    assert set(portrait.feature) == {"x", "club"}
