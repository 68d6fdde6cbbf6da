"""The schema of how the decision is put to work: consent, contact policy, holdouts, destinations."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from seglib.errors import listing, nearest
from seglib.implement.vocabulary import ADDRESSES, Destination, Purpose
from seglib.project.schema.selection import Cap, Movement
from seglib.project.schema.strict import Part, Strict, twice

Column = Annotated[str, Field(min_length=1)]
Portion = Annotated[float, Field(strict=False, ge=0, lt=1)]
_TABLE = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$"


class Consent(Strict):
    """Where customers have said yes or no: a column of customers each; blank is not yes, and no is always no.

    Attributes
    ----------
    channels
        Column of the consent to each channel, as in {e-mail: may_email}. A channel without one is looked
        for among columns.purposes; where that is absent too, consent is unknown, and there is no contact.
    purposes
        Column of the consent to a purpose: marketing, ad_user_data (personal data sent to an advertising
        platform), ad_personalization (personalised advertising).
    needed
        Whether a channel may be used only with a yes: true, false, or the codes of the countries where it may, as in
        {letter: [DE], visit: false}; a customer whose country is unknown needs it. If absent: true, but for web,
        in-app and insert, which send no message: they show something to customers who are signed in or get a parcel.
    """

    channels: dict[str, Column] = Field({})
    purposes: dict[Purpose, Column] = Field({})
    needed: dict[str, bool | list[Annotated[str, Field(pattern="^[A-Z]{2}$")]]] = Field({})


class Suppression(Strict):
    """A list of customers who are not contacted: unsubscribed, bounced, deceased, in a complaint or dispute.

    Attributes
    ----------
    path
        CSV, JSON lines, Parquet or Excel file, relative to the repository; read again whenever the stage runs.
    column
        Its column with the id, the e-mail address or the phone number.
    holds
        What that column holds.
    channels
        Channels that it closes; all if absent.
    reason
        A word for the page, such as unsubscribed.
    """

    path: str = Field(min_length=1)
    column: str = Field(min_length=1)
    holds: Literal["customer", "email", "phone"] = "customer"
    channels: list[str] = Field([])
    reason: str = Field("on a suppression list", min_length=1)


class Holdout(Strict):
    """Who is selected and deliberately not contacted, so that the effect can be measured.

    Attributes
    ----------
    share
        Share of each audience that is held out of its campaign; if absent, what target.holdout or the card of the
        play on page 05 says, else 0.1.
    universal
        Share of all customers that is held out of every campaign.
    until
        Last day of the universal holdout; open if absent.
    effect
        A wanted effect, in responses per contact: the share is then what shows it with 80 % power, between
        5 % and 50 %.
    segments
        Other shares, by the name or number of a segment.
    plays
        Other shares, by play.
    salt
        What the hash of an id is mixed with, before the campaign's name; the project's name if absent.
        Another salt assigns customers independently of the one before.
    """

    share: Portion | None = None
    universal: Portion = 0.0
    until: dt.date | None = None
    effect: Part | None = None
    segments: dict[str, Portion] = Field({})
    plays: dict[str, Portion] = Field({})
    salt: str = Field("", pattern=r"^[A-Za-z0-9._-]*$")


class Outcome(Strict):
    """What is measured, and how large it is without a contact.

    Attributes
    ----------
    rate
        Share of customers who respond without a contact; if absent, as on page 05, from past campaigns or orders.
    correlation
        Correlation of the outcome with its pre-period, which CUPED uses; from the orders if absent.
    """

    rate: Annotated[float, Field(strict=False, gt=0, lt=1)] | None = None
    correlation: Portion | None = None


class Export(Strict):
    """One destination.

    Attributes
    ----------
    to
        The tool.
    plays
        Plays whose audiences go there; all if absent.
    columns
        Further columns of the audience, by the tool's own name for each, as in {Favourite category: category}.
    """

    to: Destination
    plays: list[str] = Field([])
    columns: dict[str, str] = Field({})


class Database(Strict):
    """Where audiences and the history of segments are written to.

    Attributes
    ----------
    connection
        duckdb://, sqlite://, postgresql:// or spark:// address; ${NAME} is taken from the environment.
    audience
        Table of the audiences; made if absent.
    history
        Table of each customer's segments over time; made if absent.
    path
        Spark: folder that receives a partition per run.
    """

    connection: str = Field(min_length=1)
    audience: str = Field("seglib_audience", pattern=_TABLE)
    history: str = Field("seglib_history", pattern=_TABLE)
    path: str | None = None


class Owners(Strict):
    """Who answers for what; a role or a team, shown on page 06.

    Attributes
    ----------
    campaign
        Who sends it.
    measurement
        Who measures it.
    data
        Who answers for consent and deletion.
    """

    campaign: str = ""
    measurement: str = ""
    data: str = ""


class Typing(Strict):
    """The typing tool: a few questions that assign a newcomer to a segment.

    Attributes
    ----------
    fewest
        Number of questions, at least.
    most
        Number of questions, at most.
    descriptors
        Whether descriptors are asked for instead of what formed the segments, for people of whom no behaviour
        is known.
    """

    fewest: int = Field(3, ge=1, le=12)
    most: int = Field(8, ge=1, le=12)
    descriptors: bool = False

    @model_validator(mode="after")
    def _order(self) -> Typing:
        if self.fewest > self.most:
            raise ValueError(f".fewest is {self.fewest} and .most {self.most}; allowed: fewest up to most")
        return self


class Implement(Strict):
    """Who is contacted, who is held out, and where the audiences go.

    Attributes
    ----------
    start
        First day of contacts; as_of if absent.
    days
        Days over which the outcome is measured; those of the play if absent.
    consent
        Where customers have said yes or no.
    addresses
        Columns of customers that hold addresses, by kind, as in {email: mail}: read only when an audience is
        written, and stored nowhere else.
    country
        ISO code of the country of phone numbers without a prefix, where no column says it.
    channels
        Channel by play, where it is not that of the play.
    suppress
        Lists of customers who are not contacted.
    service
        Plays that are service messages: they need no consent to marketing and do not count for caps.
    caps
        Most contacts of one person in a time.
    priority
        Plays, the most important first: who fits several audiences is in the first; the rest by score.
    most
        Most contacts by play; as the budget says if absent.
    movements
        By play, the movement that customers of its audience made since the run before, as in
        {Win-back: {before: Regulars, now: Lapsing}}; all customers of the target if absent.
    holdout
        Who is held out.
    outcome
        What is measured.
    destinations
        Tools that the audiences are written for.
    to
        Database that receives the audiences.
    least
        Fewest customers of an audience for an advertising platform, if the platform's own least is lower.
    owners
        Who answers for what.
    typing
        The questions of the typing tool.
    """

    start: dt.date | None = None
    days: int | None = Field(None, ge=1, le=730)
    consent: Consent = Consent()
    addresses: dict[str, Column] = Field({})
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")
    channels: dict[str, str] = Field({})
    suppress: list[Suppression] = Field([])
    service: list[str] = Field([])
    caps: list[Cap] = Field([])
    priority: list[str] = Field([])
    most: dict[str, Annotated[int, Field(ge=0)]] = Field({})
    movements: dict[str, Movement] = Field({})
    holdout: Holdout = Holdout()
    outcome: Outcome = Outcome()
    destinations: list[Export] = Field([])
    to: Database | None = None
    least: int = Field(0, ge=0)
    owners: Owners = Owners()
    typing: Typing = Typing()

    @field_validator("start", mode="before")
    @classmethod
    def _start(cls, value: object) -> object:
        if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
            return value
        raise ValueError(f"found {value!r}; allowed: a date, as in 2025-09-08")

    @field_validator("addresses")
    @classmethod
    def _addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for kind in value:
            if kind not in ADDRESSES:
                raise ValueError(
                    f"names '{kind}'; allowed: {listing(ADDRESSES, 20)}.{nearest(kind, ADDRESSES)}"
                )
        return value

    @field_validator("destinations", mode="before", json_schema_input_type=list[Destination | Export])
    @classmethod
    def _named(cls, value: object) -> object:
        """Read the name of a tool as a destination."""
        if not isinstance(value, list):
            return value
        return [{"to": entry} if isinstance(entry, str) else entry for entry in value]

    @model_validator(mode="after")
    def _each_once(self) -> Implement:
        if repeated := twice([e.to for e in self.destinations]):
            raise ValueError(f".destinations names '{repeated}' twice")
        if repeated := twice(self.priority):
            raise ValueError(f".priority names '{repeated}' twice")
        return self
