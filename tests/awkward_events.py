"""Exports of behaviour and answers: Mixpanel, LimeSurvey."""

from __future__ import annotations

import numpy as np
import pandas as pd
from awkward import BOOKS, days, full, layout, who

_MIXPANEL = {
    "event": "type",
    "time": "time",
    "distinct_id": "customer|-",
    "$insert_id": "-",
    "$device_id": "-",
    "$user_id": "customer|-",
    "$browser": "browser",
    "$browser_version": "-",
    "$os": "operating_system",
    "$device": "-|device",
    "$city": "-",
    "$region": "-",
    "mp_country_code": "-",
    "$current_url": "-",
    "$referrer": "-",
    "$referring_domain": "-",
    "utm_source": "-|channel",
    "utm_medium": "channel|-",
    "$screen_height": "-",
    "$screen_width": "-",
    "mp_lib": "-|channel",
    "$lib_version": "-",
    "$app_version_string": "app_version",
    "$duration": "seconds|-",
    "feature_name": "feature|-",
    "mp_processing_time_ms": "-",
}


_MIXPANEL_PEOPLE = {
    "$distinct_id": "customer",
    "$name": "-",
    "$email": "-",
    "$created": "registered",
    "$city": "city",
    "$region": "region",
    "$country_code": "country",
    "$timezone": "-",
    "$last_seen": "-|recency",
    "plan": "-",
}


@layout(
    "mixpanel_events",
    "Mixpanel, events and user profiles (before log-in the id is that of a device)",
    events=_MIXPANEL,
    customers=_MIXPANEL_PEOPLE,
)
def _mixpanel(rng):
    rows = []
    for n, t in enumerate(days(rng, 400, "2024-06-01", 90)):
        c, seen = int(rng.integers(1, 60)), rng.random() < 0.75
        epoch, mobile = int(t.timestamp()), c % 3 == 0
        device = f"$device:190a{c:04x}-0{c * 31 % 997:03x}-26001d51"
        rows.append(
            {
                "event": rng.choice(["Page View", "Search", "Add to Cart", "Sign In", "Report Exported"]),
                "time": epoch,
                "distinct_id": f"u_{c + 7000}" if seen else device,
                "$insert_id": f"{n * 7919 % 99_991:05d}qjzkbnhx{n:04d}",
                "$device_id": device[8:],
                "$user_id": f"u_{c + 7000}" if seen else "",
                "$browser": "" if mobile else ["Chrome", "Safari", "Firefox"][c % 3],
                "$browser_version": "" if mobile else "126",
                "$os": "iOS" if mobile else ["Windows", "Mac OS X"][c % 2],
                "$device": "iPhone" if mobile else "",
                "$city": ["Berlin", "Wien"][c % 2],
                "$region": ["Berlin", "Wien"][c % 2],
                "mp_country_code": ["DE", "AT"][c % 2],
                "$current_url": "" if mobile else f"https://app.example/p/{n % 40}?q={n}",
                "$referrer": "$direct",
                "$referring_domain": "$direct",
                "utm_source": rng.choice(["", "", "google", "newsletter"]),
                "utm_medium": rng.choice(["", "", "cpc", "email"]),
                "$screen_height": 844 if mobile else 1080,
                "$screen_width": 390 if mobile else 1920,
                "mp_lib": "swift" if mobile else "web",
                "$lib_version": "4.2.0" if mobile else "2.47.0",
                "$app_version_string": ["3.1.0", "3.2.1"][n % 2] if mobile else "",
                "$duration": f"{rng.exponential(40):.3f}",
                "feature_name": rng.choice(["", "Filters", "Export", "Share"]),
                "mp_processing_time_ms": epoch * 1000 + 2417,
            }
        )
    BOOKS["mixpanel_events"] = {
        "rows": 400,
        "known users": len({r["$user_id"] for r in rows} - {""}),
        "distinct ids": len({r["distinct_id"] for r in rows}),
    }
    people = [
        {
            "$distinct_id": f"u_{c + 7000}",
            "$name": full(c),
            "$email": f"{who(c)}@mail.example",
            "$created": f"2024-0{c % 5 + 1}-{c % 28 + 1:02d}T07:00:00",
            "$city": ["Berlin", "Wien"][c % 2],
            "$region": ["Berlin", "Wien"][c % 2],
            "$country_code": ["DE", "AT"][c % 2],
            "$timezone": "Europe/Berlin",
            "$last_seen": f"2024-08-{c % 28 + 1:02d}T19:00:00",
            "plan": ["Free", "Team", "Scale"][c % 3],
        }
        for c in range(1, 60)
    ]
    return {"events": rows, "customers": people}


_LIME = {
    "id": "-|customer",
    "submitdate": "-",
    "lastpage": "-",
    "startlanguage": "-",
    "seed": "-",
    "token": "customer|-",
    "startdate": "-",
    "datestamp": "-",
    "ipaddr": "-",
    "refurl": "-",
    "CONSENT": "consent",
    "GENDER": "gender",
    "GENDER[other]": "-",
    "BIRTHYEAR": "birth_year",
    "PLZ": "postcode",
    "HHSIZE": "household",
    "EDU": "education",
    "INCOME": "-",
    "SAT[SQ001]": "-",
    "SAT[SQ002]": "-",
    "SAT[SQ003]": "-",
    "SAT[SQ004]": "-",
    "SAT[SQ005]": "-",
    "SAT[SQ006]": "-",
    "NPS": "-",
    "CHAN[SQ001]": "-",
    "CHAN[SQ002]": "-",
    "CHAN[SQ003]": "-",
    "CHAN[other]": "-",
    "FREETEXT": "-",
    "interviewtime": "-",
    "groupTime41": "-",
    "SAT[SQ001]Time": "-",
}


@layout(
    "limesurvey_codes",
    "LimeSurvey, responses with codes (A1 to A5, unfinished interviews without a date)",
    customers=_LIME,
)
def _lime(rng):
    rows = []
    for n, t in enumerate(days(rng, 300, "2024-05-02", 40)):
        done = rng.random() < 0.85
        mood = int(rng.integers(1, 6))
        row = {
            "id": n + 1,
            "submitdate": f"{t:%Y-%m-%d %H:%M:%S}" if done else "",
            "lastpage": 5 if done else int(rng.integers(1, 4)),
            "startlanguage": "de",
            "seed": f"{rng.integers(10**8, 2 * 10**9)}",
            "token": f"{n * 7919 % 99_991:05d}tKz{n:03d}",
            "startdate": f"{t - pd.Timedelta(minutes=7):%Y-%m-%d %H:%M:%S}",
            "datestamp": f"{t:%Y-%m-%d %H:%M:%S}",
            "ipaddr": f"203.0.113.{n % 250}",
            "CONSENT": rng.choice(["Y", "Y", "Y", "Y", "N"]),
            "interviewtime": f"{rng.exponential(300):.2f}",
            "GENDER": rng.choice(["F", "M", "F", "M", "-oth-"]),
            "BIRTHYEAR": int(rng.integers(1944, 2005)),
            "PLZ": f"{rng.integers(1067, 99_998):05d}",
            "HHSIZE": int(rng.integers(1, 6)),
            "EDU": rng.choice(["A1", "A2", "A3", "A4"]),
            "INCOME": rng.choice(["A1", "A2", "A3", "A4", "A5", "A6"]),
        }
        if row["GENDER"] == "-oth-":
            row["GENDER[other]"] = rng.choice(["divers", "nonbinary"])
        if done:
            for k in range(1, 7):
                row[f"SAT[SQ00{k}]"] = f"A{int(np.clip(mood + rng.integers(-1, 2), 1, 5))}"
            row |= {
                "NPS": int(np.clip(2 * mood + rng.integers(-2, 2), 0, 10)),
                "CHAN[SQ001]": rng.choice(["Y", ""]),
                "CHAN[SQ002]": rng.choice(["Y", ""]),
                "CHAN[SQ003]": rng.choice(["Y", ""]),
                "CHAN[other]": rng.choice(["", "", "", "Messe", "Freunde"]),
                "FREETEXT": rng.choice(
                    ["", "", "Die Lieferung kam zu spät, sonst gut", "Alles bestens", "Der Preis ist zu hoch"]
                ),
                "groupTime41": f"{rng.exponential(60):.2f}",
                "SAT[SQ001]Time": f"{rng.exponential(5):.2f}",
            }
        rows.append(row)
    BOOKS["limesurvey_codes"] = {
        "rows": 300,
        "finished": sum(bool(r["submitdate"]) for r in rows),
        "agreed": sum(r["CONSENT"] == "Y" for r in rows),
    }
    return {"customers": rows}
