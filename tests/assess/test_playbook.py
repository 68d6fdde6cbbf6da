"""What features plays take for 'any CONCEPT', by the words of names, labels and answers."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from seglib.assess import playbook


def row(feature: str, label: str = "", answer: object = pd.NA, other: str | None = None):
    return SimpleNamespace(feature=feature, label=label, answer=answer, other=other)


@pytest.mark.parametrize(
    ("concept", "profile"),
    [
        ("age of device", row("device_age_months", "Age of the phone (months)")),
        ("abroad", row("RoamingMinutes")),
        ("price motive", row("cheap", "Cheap", "Yes", "No")),
        ("savings", row("has_savings", "Savings", 1.0, "0.0")),
        ("business trips", row("purpose", "Purpose", "business")),
        ("urgent visits", row("place", "Place", "emergency room")),
        ("loans", row("housing_loan", "Housing loan", "yes", "no")),
    ],
)
def test_a_feature_goes_by_its_words(concept, profile):
    assert playbook.about(profile, concept)


@pytest.mark.parametrize(
    ("concept", "profile"),
    [
        ("age of device", row("DeviceProtection", "Device protection", "No internet service")),
        ("age of device", row("device_count", "Devices")),
        ("loans", row("PaymentMethod", "Payment", "Credit card (automatic)")),
        ("usage", row("firm_country", "Country of the firm", "GB")),
        ("tickets", row("TechSupport", "Tech support", "Yes", "No")),
        ("price motive", row("cheap", "Cheap", "No", "Yes")),
        ("contract", row("Contract", "Contract", "Two year")),
        ("adventure", row("new_customer", "New customers")),
    ],
)
def test_a_word_alone_in_another_sense_is_not_taken(concept, profile):
    assert not playbook.about(profile, concept)


@pytest.mark.parametrize(
    ("typical", "unit", "label", "words"),
    [
        (1.0, "orders", "Orders", "1 order"),
        (2.0, "orders", "Bookings", "2 bookings"),
        (1.2, "days", "", "1.2 days"),
        (1.0, "days", "", "1 day"),
        (1.0, "business", "", "1 business"),
    ],
)
def test_one_of_something_is_singular(typical, unit, label, words):
    found = SimpleNamespace(typical=typical, unit=unit, label=label, answer=pd.NA)
    assert playbook.written(found) == words
