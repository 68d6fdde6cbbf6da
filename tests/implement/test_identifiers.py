"""Identifiers as each advertising platform documents them: what is hashed, written by hand."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from seglib.implement import identifiers
from seglib.implement.destinations import destination, ga4, google_ads, hashing, meta, x
from seglib.implement.destinations.form import Audience

#: As written; as Google hashes it; as all others do. None: it is no address.
EMAILS = [
    ("ann@example.com", "ann@example.com", "ann@example.com"),
    ("  Ann@Example.COM ", "ann@example.com", "ann@example.com"),
    ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com", "cloudy.sanfrancisco+shopping@gmail.com"),
    ("Jane.Doe@GMAIL.com", "janedoe@gmail.com", "jane.doe@gmail.com"),
    ("j.a.n.e@googlemail.com", "jane@googlemail.com", "j.a.n.e@googlemail.com"),
    ("jane+a+b@googlemail.com", "jane@googlemail.com", "jane+a+b@googlemail.com"),
    ("User.Name+NYC@Example.com", "user.name+nyc@example.com", "user.name+nyc@example.com"),
    ("a.b@gmail.com.example.com", "a.b@gmail.com.example.com", "a.b@gmail.com.example.com"),
    ("a.b@notgmail.com", "a.b@notgmail.com", "a.b@notgmail.com"),
    ("ann lee@example.com", "annlee@example.com", "annlee@example.com"),
    ("\tann@example.com\n", "ann@example.com", "ann@example.com"),
    ("o'neill@example.co.uk", "o'neill@example.co.uk", "o'neill@example.co.uk"),
    ("ann_b-c@sub.example.org", "ann_b-c@sub.example.org", "ann_b-c@sub.example.org"),
    ("mailto:ann@example.com", "ann@example.com", "ann@example.com"),
    ("ann", None, None),
    ("ann@", None, None),
    ("@example.com", None, None),
    ("ann@example", None, None),
    ("ann@@example.com", None, None),
    ("a..b@example.com", None, None),
    (".a@example.com", None, None),
    ("ann@example..com", None, None),
    ("ann@-example.com", None, None),
    ("", None, None),
    ("n/a", None, None),
    ("+tag@gmail.com", None, "+tag@gmail.com"),
]  # fmt: skip
#: As written, the country, E.164, as Meta writes it.
PHONES = [
    ("(800)555-0100", "US", "+18005550100", "18005550100"),
    ("1-800-555-0100", "US", "+18005550100", "18005550100"),
    ("+1 (650) 253-0000", None, "+16502530000", "16502530000"),
    ("020 7946 0958", "GB", "+442079460958", "442079460958"),
    ("+44 (0)20 7946 0958", None, "+442079460958", "442079460958"),
    ("0044 20 7946 0958", None, "+442079460958", "442079460958"),
    ("030 901820", "DE", "+4930901820", "4930901820"),
    ("+49 30 901820", "US", "+4930901820", "4930901820"),
    ("06 12 34 56 78", "FR", "+33612345678", "33612345678"),
    ("02 1234 5678", "IT", "+390212345678", "390212345678"),
    ("374-93-828222", None, None, None),
    ("+374 93 828222", None, "+37493828222", "37493828222"),
    ("020 7946 0958", None, None, None),
    ("0000", "GB", None, None),
    ("call me", "GB", None, None),
    ("", "GB", None, None),
    ("12", "US", None, None),
    ("tel:+442079460958", None, "+442079460958", "442079460958"),
]


def sha(text: str | None) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def rows(tool: str, **addresses: object) -> pd.DataFrame:
    """Write one person for a destination; the country is an ISO code."""
    country = addresses.pop("country_code", None)
    people = pd.DataFrame({f"address_{k}": [v] for k, v in addresses.items()}).assign(
        id="C1", segment=1, country_code=pd.Series([country], dtype="string")
    )
    return destination(tool).rows(Audience("aud", people, {}))


EMAIL_HEADER = {"google_ads": "Email", "meta": "email", "tiktok": "Email_SHA256", "x": "email"}
PHONE_HEADER = {"google_ads": "Phone", "meta": "phone", "tiktok": "Phone_SHA256", "x": "phone_number"}


@pytest.mark.parametrize("tool", EMAIL_HEADER)
@pytest.mark.parametrize(("written", "google", "others"), EMAILS)
def test_an_email_address_is_hashed_as_the_platform_documents(tool, written, google, others):
    wanted = google if tool == "google_ads" else others
    table = rows(tool, email=written, phone="+442079460958")
    assert (table[EMAIL_HEADER[tool]].item() if EMAIL_HEADER[tool] in table else "") == sha(wanted)


@pytest.mark.parametrize("tool", PHONE_HEADER)
@pytest.mark.parametrize(("written", "country", "e164", "digits"), PHONES)
def test_a_phone_number_is_hashed_as_the_platform_documents(tool, written, country, e164, digits):
    wanted = digits if tool == "meta" else e164
    table = rows(tool, email="ann@example.com", phone=written, country_code=country)
    assert (table[PHONE_HEADER[tool]].item() if PHONE_HEADER[tool] in table else "") == sha(wanted)


def test_the_published_hashes_are_met():
    # developer.x.com, "Custom Audiences User Data"; ads.tiktok.com, "Create a Custom Audience with a customer file"
    assert (
        rows("x", handle="@AdsAPI").handle.item()
        == "49e0be2aeccfb51a8dee4c945c8a70a9ac500cf6f5cb08112575f74db9b1470d"
    )
    published = "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69"
    assert rows("tiktok", email="Jane Doe@gmail.com").Email_SHA256.item() == published


NAMES = [
    ("given", " Mrs. Ann ", "ann"),
    ("given", "JOHN", "john"),
    ("given", "Dr Zoë", "zoë"),
    ("given", "Mary Ann", "mary ann"),
    ("family", "Smith Jr.", "smith"),
    ("family", "O'Neill, III", "o'neill"),
    ("family", "Pérez", "pérez"),
    ("family", "van der Berg", "van der berg"),
]


@pytest.mark.parametrize(("which", "written", "wanted"), NAMES)
def test_google_hashes_names_without_prefix_and_suffix(which, written, wanted):
    kind, header = ("first_name", "First Name") if which == "given" else ("last_name", "Last Name")
    whole = {"first_name": "Ann", "last_name": "Lee", "postcode": "10115", "country_code": "DE"} | {
        kind: written
    }
    table = rows("google_ads", **whole)
    assert table[header].item() == sha(wanted)
    assert (table.Country.item(), table.Zip.item()) == ("DE", "10115")


def test_google_leaves_an_incomplete_address_out():
    table = rows("google_ads", email="ann@example.com", first_name="Ann", last_name="Lee", postcode="10115")
    assert table[["First Name", "Last Name", "Country", "Zip"]].to_numpy().tolist() == [[""] * 4]


META = [
    ("fn", "first_name", " John ", "US", "john"),
    ("fn", "first_name", "Jean-Luc", "FR", "jeanluc"),
    ("fn", "first_name", "F.", "US", "f"),
    ("fn", "first_name", "Zoë", "DE", "zoë"),
    ("ln", "last_name", "O'Neill", "GB", "oneill"),
    ("ln", "last_name", "名前", "JP", "名前"),
    ("ct", "city", "New York", "US", "newyork"),
    ("ct", "city", "St. John's", "CA", "stjohns"),
    ("ct", "city", "São Paulo", "BR", "sãopaulo"),
    ("st", "state", "California", "US", "ca"),
    ("st", "state", "N.Y.", "US", "ny"),
    ("st", "state", "tx", "US", "tx"),
    ("st", "state", "Île-de-France", "FR", "îledefrance"),
    ("zip", "postcode", "94025-1234", "US", "94025"),
    ("zip", "postcode", "M1 1AE", "GB", "m11"),
    ("zip", "postcode", "SW1A 1AA", "GB", "sw1a1"),
    ("zip", "postcode", "1011 AB", "NL", "1011ab"),
    ("country", "city", "Berlin", "DE", "de"),
]


@pytest.mark.parametrize(("header", "kind", "written", "country", "wanted"), META)
def test_meta_normalises_names_and_places_by_its_own_rules(header, kind, written, country, wanted):
    table = rows("meta", email="ann@example.com", country_code=country, **{kind: written})
    assert table[header].item() == sha(wanted)


def test_meta_does_not_hash_advertising_ids():
    own = "AECE52E7-03EE-455A-B3C4-E57283966239"
    assert rows("meta", device_id=own).madid.item() == own.lower()


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("C17", "C17"),
        (" C17 ", "C17"),
        ("ann@example.com", None),
        ("+442079460958", None),
        ("", None),
        ("x" * 300, None),
    ],
)
def test_analytics_receives_no_id_that_identifies_a_person(written, wanted):
    assert ga4.user_id(written) == wanted


def test_rows_without_an_identifier_and_twice_the_same_are_left_out():
    people = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "segment": 1,
            "address_email": ["ann@example.com", "ANN@example.com ", "nothing", "bob@example.com"],
            "country_code": pd.Series([None] * 4, dtype="string"),
        }
    )
    for tool in EMAIL_HEADER:
        table = destination(tool).rows(Audience("aud", people, {}))
        assert table.index.tolist() == [0, 3], tool


@pytest.mark.parametrize(
    ("written", "code"),
    [("GB", "GB"), ("uk", "GB"), ("Great Britain", "GB"), ("Deutschland", "DE"), ("ESPAÑA", "ES"), ("usa", "US"),
     ("DEU", "DE"), ("Niederlande", "NL"), ("Polska", "PL"), ("Atlantis", None), ("", None), ("EU", None)],
)  # fmt: skip
def test_a_country_is_known_by_code_or_name(written, code):
    assert identifiers.country_code(written) == code


def test_the_rules_differ_where_the_platforms_differ():
    assert google_ads.email("a.b@gmail.com") != hashing.email("a.b@gmail.com")
    assert meta.phone("+442079460958") == "442079460958"
    assert x.handle("@A") == "a"
