"""A column that says consent is always read as consent, and a blank is no yes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from foreign_tables import cycled, days, numbered

from seglib.collect import sources
from seglib.collect.customers import Eligibility, read_customers
from seglib.errors import DataError
from seglib.project import check, collecting, params
from seglib.project.new.draft import Unsettled, new
from seglib.project.new.recognise import contents
from seglib.project.new.recognise.consent import consent_columns, objects

NAMES = [
    "consent",
    "Consent given",
    "opt-in",
    "opt_in",
    "OptIn",
    "newsletter consent",
    "email_opt_in",
    "may_contact",
    "may_profile",
    "may_analyse",
    "profiling",
    "permission",
    "contact permission",
    "GDPR",
    "gdpr_consent",
    "agreed",
    "agreed_to_profiling",
    "accepts_marketing",
    "Einwilligung",
    "Werbeeinwilligung",
    "Datenschutz-Einwilligung",
    "DSGVO",
    "consentement",
    "accord_rgpd",
    "consentimiento",
    "toestemming",
    "zgoda",
]
#: By kind of entries: what stands in the column, and the numbers of the rows in which it says yes.
ENTRIES = {
    "all no": (["no"], []),
    "all yes": (["yes"], [0, 1, 2, 3]),
    "all blank": ([""], []),
    "no and blanks": (["no", ""], []),
    "yes and blanks": (["yes", "", "", ""], [0]),
    "yes and no": (["yes", "no", "no", "no"], [0]),
    "one and zero": (["1", "0"], [0, 2]),
    "one and blanks": (["1", ""], [0, 2]),
    "all zero": (["0"], []),
    "true and false": (["true", "false"], [0, 2]),
    "all false": (["false"], []),
    "ja and nein": (["ja", "nein"], [0, 2]),
    "oui and non": (["oui", "non"], [0, 2]),
    "unknown and no": (["unknown", "no"], []),
    "dates": (["2023-01-05", "2023-02-05", "2023-03-05"], [0, 1, 2]),
    "dates and blanks": (["2023-01-05", ""], [0]),
    "days of other countries": (["05.01.2023", "", "17.02.2023"], [0, 2]),
    "dates that are placeholders": (["1900-01-01", "9999-12-31"], []),
    "opted in and out": (["opted in", "opted out"], [0, 2]),
    "numbers": (["12", "15", "99"], []),
    "words": (["granted", "pending", "refused"], [0]),
    "words not understood": (["blue", "yes"], []),
}


def people(**columns):
    return cycled(
        40,
        customer_id=numbered("K{}"),
        visits=["1", "2", "5", "9"],
        spend=["10.5", "3.5", "7.25"],
        **columns,
    )


def drafted(folder, **tables):
    """Write the params file of tables and read it as a run does, with its text."""
    files = {}
    for kind, table in tables.items():
        files[kind] = str(folder / f"{kind}.csv")
        table.to_csv(files[kind], index=False)
    path = folder / "shop.yaml"
    try:
        new("shop", files, folder)
    except Unsettled as told:  # a run would profile nobody; the file is there, and says so
        assert "consent" in str(told) and "# problem" in path.read_text(encoding="utf-8")
    loaded = params.load(path)
    assert check.problems(loaded, folder) == []
    return loaded, path.read_text(encoding="utf-8")


def profiled(loaded, folder):
    """List the customers that a run would profile; none where it stops."""
    source = loaded.sources.customers
    spec = source.model_dump(exclude_none=True, exclude={"columns"})
    opened = sources.open_source(sources.connect(), "customers", folder, spec)
    roles = source.columns.model_dump(exclude_none=True)
    try:
        read = read_customers(
            opened,
            roles,
            collecting.terms(loaded)["customers"],
            given=loaded.given(),
            levels=loaded.levels,
            eligibility=Eligibility(),
        )
    except DataError as error:
        assert "consent" in str(error)
        return []
    return sorted(read.given.key)


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """What columns of all kinds of entries hold, by kind."""
    file = tmp_path_factory.mktemp("entries") / "customers.csv"
    cycled(40, id=numbered("K{}"), **{kind: values for kind, (values, _) in ENTRIES.items()}).to_csv(
        file, index=False
    )
    spec = {"path": str(file)}
    found = contents(sources.open_source(sources.connect(), "customers", file.parent, spec))
    return {kind: found.columns[kind] for kind in ENTRIES}


@pytest.mark.parametrize("name", NAMES)
def test_a_column_that_says_consent_is_recognised_whatever_it_holds(name, entered):
    for kind, column in entered.items():
        assert consent_columns({name: replace(column, name=name)}) == [name], kind


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("values", [["no"], ["", "yes"], ["2023-01-05", "2023-06-05"]])
def test_a_column_that_says_consent_gets_the_role_and_nothing_else(name, values, tmp_path):
    loaded, _ = drafted(tmp_path, customers=people(**{name: values}))
    assert loaded.sources.customers.columns.consent == name
    assert name not in loaded.given()


@pytest.mark.parametrize("entries", ENTRIES)
def test_only_customers_who_said_yes_are_profiled(entries, tmp_path):
    values, yes = ENTRIES[entries]
    loaded, text = drafted(tmp_path, customers=people(consent=values))
    agreed = sorted(f"K{row + 1}" for row in range(40) if row % len(values) in yes)
    assert profiled(loaded, tmp_path) == agreed
    in_words = entries in ("words", "opted in and out")
    doubtful = not yes or "20" in "".join(values) or in_words
    assert ("consent: consent  # guess:" in text) == doubtful


@pytest.mark.parametrize(
    ("names", "read"),
    [
        (["newsletter_consent", "consent"], "consent"),
        (["marketing_consent", "profiling_consent"], "profiling_consent"),
        (["consent_date", "opt_in"], "opt_in"),
        (["sms_consent", "email_consent"], "email_consent"),
    ],
)
def test_of_several_columns_the_one_without_limits_is_read_and_the_others_are_noted(names, read, tmp_path):
    answers = {"sms_consent": ["yes", "yes", "no"], "consent_date": ["2023-01-05"]}
    columns = {name: answers.get(name, ["yes", "no", "no"]) for name in names}
    loaded, text = drafted(tmp_path, customers=people(**columns))
    other = next(name for name in names if name != read)
    assert loaded.sources.customers.columns.consent == read
    assert other not in loaded.given()
    assert f"# guess: {other} says who agreed; a run reads consent in {read} alone" in text


@pytest.mark.parametrize(
    "name",
    [
        "opt_out",
        "OptedOut",
        "email opt-out",
        "unsubscribed",
        "do_not_contact",
        "no_consent",
        "noconsent",
        "consent_withdrawn",
        "consent_withdrawn_at",
        "consent_refused",
        "not_agreed",
        "keine Einwilligung",
        "Einwilligung widerrufen",
        "Widerspruch",
        "Werbesperre",
        "sans consentement",
    ],
)
@pytest.mark.parametrize("values", [["yes", "no", "no"], ["no"]])
def test_whoever_objected_is_not_profiled(name, values, tmp_path):
    loaded, text = drafted(tmp_path, customers=people(**{name: values}))
    assert objects(name)
    assert loaded.sources.customers.columns.consent is None
    assert loaded.sources.customers.columns.opt_out == name
    assert name not in loaded.given()
    assert "# guess: yes, or a date, says who objected" in text
    out = [row for row in range(40) if values[row % len(values)] == "yes"]
    assert len(profiled(loaded, tmp_path)) == 40 - len(out)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("agreed_price", ["10.5", "12.5", "99.5"]),
        ("agreement", ["1", "2", "3", "4", "5"]),
        ("AcceptedCmp3", ["0", "1"]),
        ("newsletter", ["yes", "no"]),
        ("consultant", ["Ann", "Bob", "Cy"]),
        ("adoption_index", ["1.5", "2.5", "3.5"]),
        ("may_calls", ["1", "2", "3", "7"]),
        ("producto", ["a", "b", "c"]),
    ],
)
def test_a_column_that_says_something_else_is_no_consent(name, values, tmp_path):
    loaded, _ = drafted(tmp_path, customers=people(**{name: values}))
    assert loaded.sources.customers.columns.consent is None


def test_what_was_agreed_to_is_a_role_of_its_own_and_noted(tmp_path):
    loaded, text = drafted(
        tmp_path, customers=people(consent_purposes=["profiling", "profiling; e-mail", "e-mail"])
    )
    assert loaded.sources.customers.columns.purposes == "consent_purposes"
    assert loaded.sources.customers.columns.consent is None
    assert "# guess: consent_purposes is read only if privacy.purpose says" in text


def orders(**columns):
    return cycled(
        120,
        customer_id=lambda n: [f"K{i % 40 + 1}" for i in range(n)],
        date=days("%Y-%m-%d"),
        amount=["5.5", "6.25", "7.75"],
        **columns,
    )


@pytest.mark.parametrize("values", [["no"], ["yes", "no"], ["", "yes", ""]])
def test_consent_in_orders_is_read_in_orders(values, tmp_path):
    loaded, text = drafted(tmp_path, transactions=orders(consent=values))
    assert loaded.sources.transactions.columns.consent == "consent"
    assert "# guess: customers whose latest answer is not yes are left out" in text


def test_consent_in_orders_beside_that_of_customers_is_read_too(tmp_path):
    loaded, _ = drafted(
        tmp_path, customers=people(may_profile=["yes", "no"]), transactions=orders(consent=["yes", "no"])
    )
    assert loaded.sources.customers.columns.consent == "may_profile"
    assert loaded.sources.transactions.columns.consent == "consent"
    assert "consent" not in loaded.given()


@pytest.mark.parametrize(
    ("name", "answers", "agreed"),
    [
        ("opt_out", {"Opted in": 30, "Opted out": 30}, "Opted in"),
        ("unsubscribed", {"Subscribed": 30, "Unsubscribed": 30}, "Subscribed"),
        ("Widerspruch", {"Ja, widersprochen": 30, "Nein": 30}, "Nein"),
        ("opt_out", {"No, except by phone": 30, "Yes": 30}, None),
        ("opt_out", {"Granted": 30, "Denied": 30}, None),
        ("do_not_contact", {"pending": 30, "Yes": 30}, None),
        ("consent", {"Granted": 30, "Denied": 30}, "Granted"),
        ("email consent", {"Opted in": 30, "Opt-in pending": 30}, None),
        ("consent", {"Yes, I agree": 30, "Yes, but not by phone": 30}, None),
        ("Einwilligung", {"Ja, erteilt": 30, "Nein": 30}, "Ja, erteilt"),
        ("consent", {"confirmed": 30, "not given": 30}, "confirmed"),
        ("opt_in", {"Yes - opted out 2023": 30, "No": 30}, None),
        ("toestemming", {"Ja": 30, "Nee": 30, "Ja, niet voor profilering": 30}, None),
        ("consent", {"Active": 30, "On hold": 30}, None),
        ("consent", {"Opted in": 30, "Opt-in sent": 30}, None),
        ("Einwilligung", {"Erteilt": 30, "Erteilt, zurückgenommen": 30}, None),
        ("consentement", {"Oui": 30, "Oui, retiré": 30}, None),
        ("consent", {"Yes": 30, "Yes, please delete me": 30}, None),
        ("zgoda", {"Tak": 30, "Tak, ale nie telefonicznie": 30}, None),
        ("opt_out", {"None": 30, "No profiling": 30}, None),
        ("opt_out", {"No": 30, "Never contact": 30}, None),
        ("objection", {"Accepted": 30, "Rejected": 30}, None),
        ("objection", {"Objected": 30, "Not objected": 30}, "Not objected"),
        ("opt_out", {"Opted out": 30, "Not opted out": 30}, "Not opted out"),
        ("Einwilligung", {"Einwilligung erteilt": 30, "Nicht erteilt": 30}, "Einwilligung erteilt"),
        ("consent", {"Subscribed": 30, "Not subscribed": 30}, "Subscribed"),
        ("marketing_authorised", {"Yes": 30, "No": 30}, "Yes"),
        ("consenso_privacy", {"Sì": 30, "No": 30}, "Sì"),
    ],
)
def test_who_agreed_is_profiled_and_what_is_not_certain_stops(name, answers, agreed, tmp_path):
    said = [answer for answer, n in answers.items() for _ in range(n)]
    people = cycled(len(said), customer_id=numbered("K{}"), visits=["1", "2", "5", "9"], **{name: said})
    loaded, _text = drafted(tmp_path, customers=people)
    ids = [f"K{row + 1}" for row, answer in enumerate(said) if answer == agreed]
    assert {"consent", "opt_out"} & set(loaded.sources.customers.roles())
    assert profiled(loaded, tmp_path) == sorted(ids if agreed else [])
