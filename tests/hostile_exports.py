"""Hostile customers of three campaigns, and what the params say of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from seglib.implement import contacts, holdouts

START = dt.date(2025, 9, 1)
PURPOSES = ("marketing", "ad_user_data", "ad_personalization")
DESTINATIONS = (
    *("csv", "klaviyo", "hubspot", "mailchimp", "braze", "salesforce"),
    *("ga4", "google_ads", "meta", "tiktok", "x"),
)
#: Texts that a cell may hold: formulas, separators, other alphabets, HTML, control characters, addresses of nobody.
HOSTILE = (
    *(
        '=HYPERLINK("http://x")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "a,b",
        'a"b',
        "a\nb",
        "ü",
        "名前",
    ),
    *("<script>x</script>", "\x00", " ", "", "NULL", "nan", "'=1", "＝1", "|calc", "%00", "😀", "0012"),
)


def settings(**changes: Any) -> dict[str, Any]:
    """The section `implement` as plain values, with all destinations."""
    plain = {
        "consent": {
            "channels": {"e-mail": "c_mail", "telephone": "c_tel", "letter": "c_post"},
            "purposes": {p: p for p in PURPOSES},
            "needed": {},
        },
        "addresses": {
            "email": "mail",
            "phone": "tel",
            "first_name": "first",
            "last_name": "last",
            "street": "street",
            "city": "city",
            "postcode": "zip",
            "country": "land",
        },
        "country": None,
        "channels": {},
        "suppress": [],
        "service": [],
        "caps": [{"contacts": 2, "days": 30, "channel": None}],
        "priority": [],
        "most": {},
        "holdout": {
            "share": 0.3,
            "universal": 0.1,
            "until": None,
            "effect": None,
            "segments": {},
            "plays": {},
            "salt": "",
        },
        "outcome": {"rate": 0.1, "correlation": None},
        "destinations": [{"to": name, "plays": [], "columns": {}} for name in DESTINATIONS],
        "least": 0,
        "owners": {"campaign": "", "measurement": "", "data": ""},
        "start": START,
        "days": 60,
        "salt": "shop",
        "project": "shop",
        "as_of": START,
        "protected": (),
        "library": ["Win-back", "Loyalty reward", "Welcome"],
    }
    return plain | changes


def plays() -> pd.DataFrame:
    """Three targets by e-mail, telephone and letter."""
    return pd.DataFrame(
        {
            "segment": [1, 2, 3],
            "target": True,
            "play": ["Win-back", "Loyalty reward", "Welcome"],
            "contact": ["e-mail", "telephone", "letter"],
            "response": 0.01,
            "response_high": 0.03,
            "measure": "orders",
            "worth": "money",
        }
    )


def ranking() -> pd.DataFrame:
    return pd.DataFrame({"segment": [1, 2, 3], "rank": [1, 2, 3], "name": ["Silent", "Loyal", "New"]})


def budget() -> pd.DataFrame:
    columns = ["segment", "effect", "cost", "margin", "total", "contacts"]
    return pd.DataFrame([(s, 0.01, 0.1, 30.0, 100.0, 9.0) for s in (1, 2, 3)], columns=columns)


def source(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Rows of the source: ids, consents (yes, no, blank) and addresses, shared and hostile ones among them."""
    keys = pd.Series([f"C{i}" for i in range(n)], dtype=object)
    odd = rng.random(n) < 0.2
    keys[odd] = [f"{rng.choice(HOSTILE[:8])}{i}" for i in np.flatnonzero(odd)]
    keys = keys.str.replace(r"[\x00-\x1f]", "", regex=True).str.strip()
    said = lambda: rng.choice(["yes", "no", "", None], n, p=[0.7, 0.1, 0.1, 0.1])  # noqa: E731
    mails = [f"p{rng.integers(0, n)}@{rng.choice(['example.com', 'gmail.com'])}" for _ in range(n)]
    tels = [f"+44 20 7946 {rng.integers(0, 999):04d}" for _ in range(n)]
    texts = lambda: rng.choice(np.array(HOSTILE, dtype=object), n)  # noqa: E731
    frame = pd.DataFrame({"key": keys, "mail": mails, "tel": tels})
    for column in ("mail", "tel"):
        bad = rng.random(n) < 0.15
        frame.loc[bad, column] = texts()[bad]
    for column in ("c_mail", "c_tel", "c_post", *PURPOSES):
        frame[column] = said()
    for column in ("first", "last", "street", "city", "zip"):
        frame[column] = texts()
    return frame.assign(land=rng.choice(["GB", "Germany", "", None, "Atlantis"], n))


def world(seed: int, n: int = 60) -> dict[str, Any]:
    """All that the stage works with, drawn at random."""
    rng = np.random.default_rng(seed)
    raw = source(rng, n)
    ids = pd.DataFrame({"customer": rng.permutation(n) + 1000, "key": raw.key})
    lists = [
        (
            {"path": "out.csv", "holds": "customer", "channels": [], "reason": "unsubscribed"},
            raw.key.sample(4, random_state=seed),
        ),
        (
            {"path": "mail.csv", "holds": "email", "channels": ["e-mail"], "reason": "bounced"},
            raw.mail.sample(4, random_state=seed),
        ),
    ]
    plain = settings()
    known = contacts.read_contacts(raw, ids, plain, ["e-mail", "telephone", "letter"], lists)
    times = pd.Timestamp(START) - pd.to_timedelta(rng.integers(1, 60, n), unit="D")
    history = pd.DataFrame({"customer": rng.choice(ids.customer, n), "channel": "e-mail", "time": times})
    segments = pd.DataFrame({"customer": ids.customer, "segment": rng.integers(1, 5, n)})
    features = pd.DataFrame({"customer": ids.customer, "order_value": rng.gamma(2, 30, n)})
    return {
        "raw": raw, "ids": ids, "lists": lists, "settings": plain, "contacts": known, "history": history,
        "segments": segments, "features": features, "frozen": holdouts.no_holdouts(),
    }  # fmt: skip
