"""The schema of a params file and of the library of plays."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from seglib.errors import listing, nearest

Objective = Literal["retention", "growth", "acquisition", "service"]
Basis = Literal[
    "demographic", "geographic", "psychographic", "behavioural", "firmographic", "needs",
    "purchase_cycle", "technographic", "value",
]  # fmt: skip
Level = Literal["binary", "nominal", "ordinal", "interval", "ratio"]
Method = Literal[
    "k-means", "k-prototypes", "merged mixture", "gaussian mixture", "latent classes", "ward", "gower",
    "hdbscan",
]

BASES: tuple[str, ...] = get_args(Basis)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Strict(BaseModel):
    """A section that refuses unknown keys and other types than its own."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, validate_default=True, allow_inf_nan=False
    )


class Source(Strict):
    """Where one table of customer data is, and how to read it."""

    path: str | None = Field(
        None, description="CSV (also .gz) or Parquet file, or a glob; relative to the repository."
    )
    connection: str | None = Field(
        None, description="duckdb:// or sqlite:// address; ${NAME} is taken from the environment."
    )
    table: str | None = Field(None, description="A table behind the connection.")
    query: str | None = Field(None, description="A query behind the connection.")
    separator: str | None = Field(
        None, min_length=1, max_length=1, description="CSV: between two cells; sniffed if absent."
    )
    encoding: Literal["utf-8", "utf-16", "latin-1"] | None = Field(
        None, description="CSV: utf-8 unless a byte order mark says otherwise."
    )
    decimal: Literal[".", ","] | None = Field(None, description="CSV: the decimal mark; sniffed if absent.")
    dates: str | None = Field(None, description="How times are written, as in %d/%m/%Y; ISO 8601 if absent.")
    missing: list[str] = Field([], description="Texts that stand for a missing value.")

    @model_validator(mode="after")
    def _one_place(self) -> Source:
        if (self.path is None) == (self.connection is None):
            raise ValueError("needs either 'path' or 'connection'")
        if self.connection is None and (self.table or self.query):
            raise ValueError("'table' and 'query' go with 'connection'")
        if self.connection is not None and (self.table is None) == (self.query is None):
            raise ValueError("'connection' needs either 'table' or 'query'")
        return self


class CustomerColumns(Strict):
    """Roles of the columns of customers; the bases name the others."""

    customer: str | None = Field(None, description="The id; rows are numbered if absent.")
    consent: str | None = Field(None, description="Yes or no: may this customer be profiled?")


def _each_once(columns: BaseModel) -> None:
    """Refuse one column in two roles."""
    roles: dict[str, list[str]] = {}
    for role, column in columns.model_dump(exclude_none=True).items():
        roles.setdefault(column, []).append(role)
    for column, named in roles.items():
        if len(named) > 1:
            raise ValueError(f"columns names '{column}' for {listing(named)}; each role has its own column")


class Customers(Source):
    """One row per customer."""

    columns: CustomerColumns = CustomerColumns()


class TransactionColumns(Strict):
    """Roles of the columns of transactions."""

    customer: str
    time: str
    order: str | None = Field(None, description="Rows of one order; a customer's day if absent.")
    product: str | None = None
    category: str | None = None
    quantity: str | None = None
    price: str | None = Field(None, description="Price of one item.")
    amount: str | None = Field(None, description="Price of the whole row.")
    discount: str | None = Field(None, description="What was taken off, in money or as a share.")

    @model_validator(mode="after")
    def _amount(self) -> TransactionColumns:
        if self.amount is None and (self.quantity is None or self.price is None):
            raise ValueError("needs 'amount', or 'quantity' and 'price'")
        return self


class Transactions(Source):
    """One row per product in an order."""

    columns: TransactionColumns
    cancelled_prefix: str | None = Field(
        None, min_length=1, description="Orders whose number begins so are cancellations."
    )
    not_products: list[str] = Field(
        [], description="Postage, fees: counted in value, not in the breadth of products."
    )
    duplicates: Literal["drop", "keep"] | None = Field(
        None, description="Exact duplicate rows; dropped if absent and an order column is named."
    )

    @model_validator(mode="after")
    def _prefix_of_orders(self) -> Transactions:
        if self.cancelled_prefix is not None and self.columns.order is None:
            raise ValueError("cancelled_prefix needs columns.order, whose numbers begin with it")
        return self


class EventColumns(Strict):
    """Roles of the columns of events."""

    customer: str
    time: str
    type: str | None = None
    device: str | None = None


class Events(Source):
    """One row per visit, call or click."""

    columns: EventColumns


class ResponseColumns(Strict):
    """Roles of the columns of responses."""

    customer: str
    item: str
    score: str
    time: str | None = None


class Responses(Source):
    """One row per customer and survey item."""

    columns: ResponseColumns


class Sources(Strict):
    """The tables of a project; at least customers or transactions."""

    customers: Customers | None = None
    transactions: Transactions | None = None
    events: Events | None = None
    responses: Responses | None = None

    @model_validator(mode="after")
    def _enough(self) -> Sources:
        if self.customers is None and self.transactions is None:
            raise ValueError("needs at least one of customers or transactions")
        for kind, source in self.named().items():
            try:
                _each_once(source.columns)
            except ValueError as error:
                raise ValueError(f".{kind}.{error}") from None
        numbered = self.customers is not None and self.customers.columns.customer is None
        others = [name for name in ("transactions", "events", "responses") if getattr(self, name)]
        if numbered and others:
            raise ValueError(
                f"customers.columns needs 'customer' to join {listing(others)}; without an id "
                "customers can only stand alone"
            )
        return self

    def named(self) -> dict[str, Source]:
        """List the sources that are there, by kind."""
        kinds = ("customers", "transactions", "events", "responses")
        return {k: s for k in kinds if (s := getattr(self, k)) is not None}


class Privacy(Strict):
    """What may be shown."""

    min_cell: int = Field(10, ge=1, description="No published cell under so many customers.")


class Explore(Strict):
    """What the second stage shows."""

    map_sample: int = Field(5000, ge=100, description="Customers on the map at the most.")


class NumberOfSegments(Strict):
    """The range of k that is tried."""

    min: int = Field(2, ge=2, le=30)
    max: int = Field(8, ge=2, le=30)

    @model_validator(mode="after")
    def _ordered(self) -> NumberOfSegments:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


def _one_number(k: object) -> object:
    if isinstance(k, dict | NumberOfSegments):
        return k
    if isinstance(k, int) and not isinstance(k, bool) and 2 <= k <= 30:
        return {"min": k, "max": k}
    raise ValueError(f"found {k!r}; allowed: a whole number from 2 to 30, or {{min: 2, max: 8}}")


def _auto_or_list(value: object, allowed: tuple[str, ...] | None) -> object:
    if value == "auto":
        return value
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise ValueError(f"found {value!r}; allowed: auto, or a list of names")
    for v in value:
        if allowed and v not in allowed:
            raise ValueError(f"found '{v}'; allowed: {listing(allowed)}.{nearest(v, allowed)}")
    repeated = {v for v in value if value.count(v) > 1}
    if repeated:
        raise ValueError(f"names {listing(repeated)} twice")
    return value


class Segment(Strict):
    """How segments are formed."""

    on: list[str] = Field(min_length=1, description="Bases to segment on; the others describe.")
    exclude: list[str] = Field([], description="Features of these bases that only describe.")
    methods: Any = Field("auto", description="auto, or a list of methods.")
    k: NumberOfSegments = NumberOfSegments()
    seed: int = Field(0, ge=0, le=2**32 - 1)
    resamples: int = Field(40, ge=10, le=1000, description="Bootstrap samples per candidate.")
    sample: int = Field(2000, ge=100, description="Customers in each of them at the most.")
    min_share: float = Field(0.02, ge=0, lt=0.5, description="Smallest share of a segment.")
    merge: bool = Field(
        False, description="Merge segments that do not come back, are too small, or overlap a neighbour into it."
    )
    max_missing: float = Field(
        0.3, ge=0, lt=1, description="A feature with a larger missing share only describes."
    )

    _k = field_validator("k", mode="before")(_one_number)

    @field_validator("methods")
    @classmethod
    def _methods(cls, value: object) -> object:
        return _auto_or_list(value, get_args(Method))

    @field_validator("on")
    @classmethod
    def _on(cls, value: list[str]) -> list[str]:
        twice = {basis for basis in value if value.count(basis) > 1}
        if twice:
            raise ValueError(f"names '{min(twice)}' twice")
        for basis in value:
            if basis not in BASES:
                raise ValueError(f"names '{basis}'; known bases: {listing(BASES)}.{nearest(basis, BASES)}")
        return value


class Assess(Strict):
    """What a segment must be."""

    min_recovery: float = Field(
        0.6, ge=0, le=1, description="Mean Jaccard over resamples below which none is trusted."
    )
    value: str | None = Field(
        None, description="Feature that holds a customer's value, where there are no transactions."
    )
    risk: str | None = Field(
        None, description="Feature that says yes or 1 of customers at risk, such as churned."
    )
    stands_out: float = Field(
        0.3, gt=0, description="Distance from all customers, in standard deviations, worth naming."
    )


class Target(Strict):
    """How targets are chosen."""

    weights: dict[str, Annotated[float, Field(ge=0, strict=False)]] = Field(
        {}, description="Weights of criteria, or of features of which more is better; those of "
        "the objective if absent.",
    )  # fmt: skip
    most: int = Field(3, ge=1, le=10, description="Targets at the most.")

    @field_validator("weights")
    @classmethod
    def _positive(cls, value: dict[str, float]) -> dict[str, float]:
        """Refuse weights that decide nothing."""
        if value and sum(value.values()) <= 0:
            raise ValueError("all weights are zero; at least one must be above")
        return value


class Params(Strict):
    """One project."""

    name: str = Field(description="The run's folder; the file's name if absent.")
    title: str = Field(pattern=r"^[^\r\n]*\S[^\r\n]*$", description="One line, shown on every page.")
    objective: Objective
    as_of: dt.date = Field(description="Nothing from this date on is looked at.")
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="ISO 4217, as in GBP.")
    sources: Sources
    bases: dict[Basis, Any] = Field(min_length=1, description="auto, or the columns given.")
    levels: dict[str, Any] = Field(
        {}, description="Levels of measurement, or {answer: number} for ordered answers."
    )
    labels: dict[str, str] = Field({}, description="Plain words for columns, shown on the pages.")
    privacy: Privacy = Privacy()
    explore: Explore = Explore()
    segment: Segment
    assess: Assess = Assess()
    target: Target = Target()

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError(
                f"found '{value}'; allowed: letters, digits, - and _, beginning with a letter or "
                "digit, 64 at the most"
            )
        return value

    @field_validator("as_of", mode="before")
    @classmethod
    def _as_of(cls, value: object) -> object:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        raise ValueError(f"found {value!r}; allowed: a date, as in 2011-12-10")

    @field_validator("bases")
    @classmethod
    def _bases(cls, value: dict[str, object]) -> dict[str, object]:
        for basis, columns in value.items():
            try:
                _auto_or_list(columns, None)
            except ValueError as error:
                raise ValueError(f".{basis}: {error}") from None
        named = [c for columns in value.values() if columns != "auto" for c in columns]
        twice = {c for c in named if named.count(c) > 1}
        if twice:
            raise ValueError(f"name the column '{min(twice)}' twice; a column belongs to one basis")
        return value

    @field_validator("levels")
    @classmethod
    def _levels(cls, value: dict[str, object]) -> dict[str, object]:
        for column, level in value.items():
            numbers = isinstance(level, dict) and level and all(
                isinstance(v, int | float) and not isinstance(v, bool) for v in level.values()
            )  # fmt: skip
            if not numbers and level not in get_args(Level):
                raise ValueError(
                    f".{column}: found {level!r}; allowed: {listing(get_args(Level))}, or numbers by answer"
                )
        return value

    @model_validator(mode="after")
    def _on_named(self) -> Params:
        absent = [basis for basis in self.segment.on if basis not in self.bases]
        if absent:
            raise ValueError(
                f"segment.on names '{absent[0]}', which bases does not; named there: {listing(self.bases)}"
            )
        return self

    def given(self) -> dict[str, str]:
        """List the columns that the bases name, each with its basis."""
        return {c: b for b, cs in self.bases.items() if cs != "auto" for c in cs}


class PlayEntry(Strict):
    """One entry of the library of plays."""

    play: str = Field(min_length=1)
    message: str
    offer: str
    channel: str
    timing: str
    measure: str
    when: dict[str, Annotated[float, Field(strict=False)]]
    objectives: list[Objective] = Field(min_length=1)
