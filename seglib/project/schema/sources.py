"""The schema of the sources of a params file."""

from __future__ import annotations

import codecs
import re
import zoneinfo
from typing import Any, Literal, Self

from pydantic import Field, create_model, field_serializer, field_validator, model_validator

from seglib.catalogue.sources import KINDS, Kind
from seglib.errors import listing, nearest
from seglib.project.schema.strict import Number, Strict


class Range(Strict):
    """Allowed numbers of a column."""

    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.min is None and self.max is None:
            raise ValueError("needs 'min' or 'max'")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


class Columns(Strict):
    """Roles of the columns of a source: key of the role, name of the column."""


class Place(Strict):
    """Where a table is, and how it is opened.

    Attributes
    ----------
    path
        CSV or JSON lines (also .gz), Parquet or Excel file, or a glob; relative to the repository. With a
        Spark connection, Parquet that Spark reads.
    connection
        duckdb://, sqlite://, postgresql:// or spark:// address; ${NAME} is taken from the environment.
    table
        A table behind the connection.
    query
        A query behind the connection, or over `tables`.
    sheet
        Excel: the sheet; the first that holds rows if absent.
    separator
        CSV: between two cells; detected if absent.
    encoding
        CSV: utf-8 unless a byte order mark says otherwise; or utf-16, latin-1, cp1250, shift_jis, …
    header
        CSV without a header: the names of its columns, in order.
    skip_rows
        CSV: lines above the header; titles are found if absent.
    fill_down
        CSV or Excel: columns that stand in the first row of an order alone; where all are blank, they are filled.
    """

    path: str | None = None
    connection: str | None = None
    table: str | None = None
    query: str | None = None
    sheet: str | None = None
    separator: str | None = Field(None, min_length=1, max_length=1)
    encoding: str | None = None
    header: Any = None
    skip_rows: int | None = Field(None, ge=0)
    fill_down: list[str] = Field([])

    @field_serializer("connection", when_used="json")
    def _without_password(self, connection: str | None) -> str | None:
        """Keep a password out of everything that is written."""
        return connection and re.sub(r"(://[^:@/?$]*):(?!\$\{\w+\}@).*@", r"\1:…@", connection)

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, value: str | None) -> str | None:
        try:
            known = value is None or codecs.lookup(value)._is_text_encoding
        except LookupError:
            known = False
        if not known:
            raise ValueError(f"found '{value}'; allowed: utf-8, utf-16, latin-1, or another, as in cp1250")
        return value

    @field_validator("header")
    @classmethod
    def _header(cls, value: object) -> object:
        if value is not None and not (
            isinstance(value, list) and value and all(isinstance(v, str) for v in value)
        ):
            raise ValueError(f"found {value!r}; allowed: a list of names")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if getattr(self, "tables", None):
            return self
        spark = (self.connection or "").startswith(("spark://", "${"))
        if (self.connection is None and self.path is None) or (self.path and self.connection and not spark):
            raise ValueError("needs either 'path' or 'connection'")
        if self.connection is None and (self.table or self.query):
            raise ValueError("'table' and 'query' go with 'connection'")
        places = [key for key in ("table", "query", "path") if getattr(self, key) is not None]
        if self.connection is not None and len(places) != 1:
            raise ValueError("'connection' needs either 'table' or 'query'")
        return self


class Source(Place):
    """Where one table of customer data is, how to read it, and which rules its rows must meet.

    Attributes
    ----------
    tables
        Tables by name that `query` joins into one, each with its own path or connection.
    decimal
        The decimal mark of numbers in texts; found by column if absent.
    dates
        How times are written, as in %d/%m/%Y, or seconds, milliseconds (since 1970) or excel (days), or by
        column, as in {born: "%d.%m.%Y"}. If absent: ISO 8601, digits as in 20240131, seconds or milliseconds
        since 1970, days of a spreadsheet.
    timezone
        That of the business, as in Europe/London, to whose clock times with an offset are brought.
    where
        Rows that are kept, as in status <> 'cancelled' AND quantity > 0; columns are those of the source.
    missing
        Texts that are read as missing values.
    ranges
        Allowed numbers, by column.
    fresh_days
        Most days between the newest row and as_of.
    rules
        By rule: drop, blank, warn or stop; those of the README if absent.
    """

    tables: dict[str, Place] = Field({})
    decimal: Literal[".", ","] | None = None
    dates: str | dict[str, str] | None = None
    timezone: str | None = None
    where: str | None = Field(None, min_length=1)
    missing: list[str] = Field([])
    ranges: dict[str, Range] = Field({})
    fresh_days: int | None = Field(None, ge=1)
    rules: dict[str, str] = Field({})
    columns: Columns = Columns()

    def roles(self) -> dict[str, str]:
        """List the columns by role."""
        return self.columns.model_dump(exclude_none=True)

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str | None) -> str | None:
        if value is not None and value not in zoneinfo.available_timezones():
            near = nearest(value, zoneinfo.available_timezones())
            raise ValueError(f"found '{value}'; allowed: a time zone, as in Europe/London.{near}")
        return value

    @model_validator(mode="after")
    def _tables_and_a_query(self) -> Self:
        if not self.tables:
            return self
        if given := [key for key in Place.model_fields if key != "query" and getattr(self, key)]:
            raise ValueError(
                f"{listing(given)} and 'tables' exclude each other; put it below one of the tables"
            )
        if self.query is None:
            raise ValueError("'tables' needs a 'query' that makes one table of them")
        for name, table in self.tables.items():
            if not re.fullmatch(r"[A-Za-z_]\w*", name):
                raise ValueError(f".tables names '{name}'; allowed: letters, digits and _, a letter first")
            if (table.connection or "").startswith("spark://"):
                raise ValueError(
                    f".tables.{name}: a table on Spark is joined there, by 'connection' and 'query'"
                )
        return self


def _checked_rules(rules: dict[str, str], kind: Kind) -> dict[str, str]:
    known = {rule.name: rule for rule in kind.rules}
    for name, action in rules.items():
        if name not in known:
            raise ValueError(f"names '{name}'; known rules: {listing(known, 20)}.{nearest(name, known)}")
        allowed = known[name].allowed
        if action not in allowed:
            shown = [f"{a} (sets the cell to missing)" if a == "blank" else a for a in allowed]
            raise ValueError(
                f".{name}: found '{action}'; allowed: {listing(shown)}.{nearest(action, allowed)}"
            )
    return rules


def _check_each_once(roles: dict[str, str]) -> None:
    """Refuse one column in two roles."""
    for column in roles.values():
        named = [role for role, other in roles.items() if other == column]
        if len(named) > 1:
            raise ValueError(f"columns names '{column}' for {listing(named)}; each role has its own column")


def _columns(kind: str) -> Any:
    """Build the section `columns` of one kind of source from its roles."""
    fields: dict[str, Any] = {
        role.name: (str, Field(description=role.meaning))
        if role.required
        else (str | None, Field(None, description=role.meaning))
        for role in KINDS[kind].roles
    }
    doc = f"Roles of the columns of {kind}."
    return create_model(f"{kind.capitalize()}Columns", __base__=Columns, __doc__=doc, **fields)


#: Built from the roles of the catalogue, so that no type checker knows them.
CustomersColumns, TransactionsColumns, EventsColumns = map(_columns, ("customers", "transactions", "events"))
ResponsesColumns, CampaignsColumns, SubscriptionsColumns = map(
    _columns, ("responses", "campaigns", "subscriptions")
)


class Customers(Source):
    """One row per customer."""

    columns: CustomersColumns = CustomersColumns()  # type: ignore[valid-type]


class Transactions(Source):
    """One row per product in an order.

    Attributes
    ----------
    cancelled_prefix
        Orders whose number begins with it are cancellations.
    not_products
        Postage and fees: part of the value, not counted as products.
    customers
        optional: customers of whom the source of customers has no row stay, with what transactions say of them;
        required: they are left out.
    """

    columns: TransactionsColumns  # type: ignore[valid-type]
    cancelled_prefix: str | None = Field(None, min_length=1)
    not_products: list[str] = Field([])
    customers: Literal["required", "optional"] = "required"

    @model_validator(mode="after")
    def _enough_roles(self) -> Transactions:
        roles = self.roles()
        if "amount" not in roles and not {"quantity", "price"} <= set(roles):
            raise ValueError(".columns needs 'amount', or 'quantity' and 'price'")
        if self.cancelled_prefix is not None and "order" not in roles:
            raise ValueError("cancelled_prefix needs columns.order, whose numbers begin with it")
        return self


class Events(Source):
    """One row per visit, call or click."""

    columns: EventsColumns  # type: ignore[valid-type]


class Responses(Source):
    """One row per customer and survey item."""

    columns: ResponsesColumns  # type: ignore[valid-type]


class Campaigns(Source):
    """One row per customer and contact."""

    columns: CampaignsColumns  # type: ignore[valid-type]


class Subscriptions(Source):
    """One row per contract."""

    columns: SubscriptionsColumns  # type: ignore[valid-type]


class Sources(Strict):
    """The tables of a project; at least customers or transactions."""

    customers: Customers | None = None
    transactions: Transactions | None = None
    events: Events | None = None
    responses: Responses | None = None
    campaigns: Campaigns | None = None
    subscriptions: Subscriptions | None = None

    @model_validator(mode="after")
    def _enough(self) -> Sources:
        if self.customers is None and self.transactions is None:
            raise ValueError("needs at least one of customers or transactions")
        for kind, source in self.named().items():
            try:
                _check_each_once(source.roles())
            except ValueError as error:
                raise ValueError(f".{kind}.{error}") from None
            try:
                _checked_rules(source.rules, KINDS[kind])
            except ValueError as error:
                text = str(error)
                raise ValueError(f".{kind}.rules{text if text.startswith('.') else f' {text}'}") from None
        numbered = self.customers is not None and "customer" not in self.customers.roles()
        others = [name for name in self.named() if name != "customers"]
        if numbered and others:
            raise ValueError(
                f"customers.columns needs 'customer' to join {listing(others)}; without an id "
                "customers can only stand alone"
            )
        return self

    def named(self) -> dict[str, Source]:
        """List the sources that are there, by kind."""
        return {k: s for k in KINDS if (s := getattr(self, k)) is not None}
