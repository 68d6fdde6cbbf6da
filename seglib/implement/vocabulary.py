"""Words of this stage: channels, kinds of address, purposes of consent, destinations, steps of the funnel."""

from __future__ import annotations

import re
from typing import Literal

from seglib.vocabulary import plain_letters

#: Tools that an audience can be written for; one module each in `destinations`.
Destination = Literal[
    "csv",
    "klaviyo",
    "hubspot",
    "mailchimp",
    "braze",
    "salesforce",
    "ga4",
    "google_ads",
    "meta",
    "tiktok",
    "x",
]
#: Purposes of consent besides that to be profiled, which collect has asked for.
Purpose = Literal["marketing", "ad_user_data", "ad_personalization"]
#: Kinds of address and of what identifies a person, read from the source when an audience is written.
ADDRESSES: tuple[str, ...] = (
    *("email", "phone", "first_name", "last_name", "street", "city", "state", "postcode", "country"),
    *("gender", "birth_date", "external_id", "device_id", "user_id", "handle"),
)
#: How channels are written, by the name that plays use.
_CHANNELS: dict[str, tuple[str, ...]] = {
    "e-mail": ("e mail", "email", "mail", "newsletter", "edm"),
    "telephone": ("phone", "call", "telephone call", "phone call", "cellular", "mobile", "outbound call"),
    "sms": ("text", "text message", "mms"),
    "letter": ("post", "postal", "direct mail", "print", "mailing", "catalogue", "catalog"),
    "app": ("push", "push notification", "mobile app"),
    "in-app": ("in the product", "in product", "in app message"),
    "web": ("website", "on site", "online", "own pages"),
    "insert": ("parcel insert", "package insert", "packing slip"),
    "visit": ("field", "sales visit", "field visit"),
    "advertising": ("ads", "ad", "advert", "paid", "paid social", "custom audience"),
}
CHANNELS: tuple[str, ...] = tuple(_CHANNELS)
_WRITTEN = {written: name for name, ways in _CHANNELS.items() for written in (name.replace("-", " "), *ways)}

#: Channels that show something to customers who come by themselves, signed in or with a parcel: no message is sent
#: to them, and a consent to this channel is needed only if `implement.consent.needed` says so.
SHOWN: tuple[str, ...] = ("web", "in-app", "insert")

#: Kinds of address of which one channel needs any.
NEEDED: dict[str, tuple[str, ...]] = {
    "e-mail": ("email",),
    "telephone": ("phone",),
    "sms": ("phone",),
    "letter": ("street",),
    "app": ("device_id",),
}
#: Days over which an outcome is measured, and the share that is held out, where neither the params nor a play say it.
DAYS, SHARE = 60, 0.1
#: Steps of the funnel, in order; `selected` customers are contacted or held out.
STEPS: tuple[str, ...] = (
    *("segment", "movement", "consent", "reach", "suppression", "cap", "single", "budget", "selected"),
)
#: Arms. Who is held out of everything is held out of each campaign too.
TREATMENT, HOLDOUT = "treatment", "holdout"
#: What the holdout of everything is called, where campaigns have their names.
UNIVERSAL = "universal"


def channel_of(written: object) -> str:
    """Name a channel as plays do, however a source writes it; one that is not known keeps its name.

    Examples
    --------
    >>> channel_of("E-Mail"), channel_of("direct_mail"), channel_of("carrier pigeon")
    ('e-mail', 'letter', 'carrier pigeon')
    """
    words = " ".join(re.findall(r"[^\W_]+", plain_letters(written)))
    return _WRITTEN.get(words, words)


def slug(name: str) -> str:
    """Write a play's name as that of a campaign.

    Examples
    --------
    >>> slug("Win-back: last try!")
    'win-back-last-try'
    """
    return "-".join(re.findall(r"[a-z0-9]+", plain_letters(name))) or "campaign"
