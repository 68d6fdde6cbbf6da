"""The kinds of source: what their columns can be, and the rules that their rows must keep.

One table, read by the schema of a params file, by its check, by the contract, by `seglib new`
and by the docs.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """What a column of a source is.

    Attributes
    ----------
    name
        Its key under `columns` in a params file.
    holds
        key (an id), time, number, text, or flag (yes or no).
    meaning
        What an entry says.
    required
        Whether the source is of no use without it.
    """

    name: str
    holds: str
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Rule:
    """What rows must keep, and what is done with those that don't.

    Attributes
    ----------
    name
        Its key under `rules` in a params file; underscores are spaces in the ledger.
    action
        What is done unless the params say otherwise.
    allowed
        What the params may say.
    why
        The reason, for the ledger.
    """

    name: str
    action: str
    allowed: tuple[str, ...]
    why: str

    @property
    def words(self) -> str:
        """Its name in the ledger."""
        return self.name.replace("_", " ").replace("as of", "as_of")


@dataclass(frozen=True)
class Kind:
    """One kind of source.

    Attributes
    ----------
    grain
        What one row is.
    roles
        What its columns can be.
    rules
        What its rows must keep, in the order in which they are applied.
    """

    grain: str
    roles: tuple[Role, ...]
    rules: tuple[Rule, ...]

    def role(self, name: str) -> Role:
        """Give the role of a name."""
        return next(role for role in self.roles if role.name == name)

    def rule(self, name: str) -> Rule:
        """Give the rule of a name."""
        return next(rule for rule in self.rules if rule.name == name)


_NO_KEY = Rule("no_customer_id", "drop", ("drop", "stop"), "cannot be told whose it is")
_UNREADABLE = Rule(
    "unreadable", "stop", ("stop", "mend", "drop"), "a number or time that cannot be read; mended: missing"
)
_OUT_OF_RANGE = Rule(
    "out_of_range", "mend", ("mend", "drop", "warn", "stop"), "outside what `ranges` allows; mended: missing"
)
_DUPLICATE = Rule("duplicate_row", "drop", ("drop", "warn", "stop"), "the same row twice counts once")
_REPEATED_EVENT = Rule(
    "duplicate_row", "warn", ("warn", "drop", "stop"), "two clicks in one minute look alike, and are two"
)
_UNKNOWN = Rule(
    "unknown_customer", "drop", ("drop", "stop"), "only customers who may be profiled are looked at"
)
_NO_TIME = Rule("no_time", "drop", ("drop", "stop"), "when it was is unknown")
_FUTURE = Rule("on_or_after_as_of", "drop", ("drop", "stop"), "nothing from as_of on is looked at")
_STALE = Rule("stale", "warn", ("warn", "stop"), "the newest row is older than `fresh_days` before as_of")

KINDS: dict[str, Kind] = {
    "customers": Kind(
        "one row per customer",
        (
            Role("customer", "key", "The id; rows are numbered if absent."),
            Role("consent", "flag", "Yes or no: may this customer be profiled?"),
            Role("purposes", "text", "What was consented to, as in 'profiling; e-mail'."),
            Role("registered", "time", "When they became known, before any order."),
            Role("birth_date", "time", "Date of birth."),
            Role("birth_year", "number", "Year of birth, where the date is not known."),
            Role("gender", "text", "As they gave it."),
            Role("income", "number", "Of the household or the person, a year."),
            Role("education", "text", "Highest level, as given."),
            Role("occupation", "text", "As given."),
            Role("marital_status", "text", "As given."),
            Role("household", "number", "Persons in the household."),
            Role("children", "number", "Children in the household."),
            Role("country", "text", "Name or code."),
            Role("region", "text", "Below the country."),
            Role("city", "text", "Town or city."),
            Role("postcode", "text", "Only its area is kept."),
            Role("city_size", "number", "Inhabitants."),
            Role("urban", "text", "Urban or rural, as given."),
            Role("latitude", "number", "Degrees north."),
            Role("longitude", "number", "Degrees east."),
            Role("industry", "text", "Of a firm."),
            Role("employees", "number", "Of a firm."),
            Role("revenue", "number", "Of a firm, the last year."),
            Role("previous_revenue", "number", "Of a firm, the year before."),
            Role("founded", "number", "Year in which a firm was founded."),
            Role("firm_country", "text", "Where a firm has its seat."),
            Role("device", "text", "Mostly used."),
            Role("operating_system", "text", "Mostly used."),
            Role("browser", "text", "Mostly used."),
            Role("app_version", "text", "Installed."),
            Role("payment", "text", "Mostly used."),
            Role("category_spend", "number", "All they spend on such things a year, here or elsewhere."),
        ),
        (
            _NO_KEY,
            _DUPLICATE,
            Rule("repeated_id", "stop", ("stop", "drop"), "one row per customer; dropped: all but the first"),
            _UNREADABLE,
            _OUT_OF_RANGE,
            Rule("no_consent", "drop", ("drop", "stop"), "only customers who have said yes are looked at"),
        ),
    ),
    "transactions": Kind(
        "one row per product in an order",
        (
            Role("customer", "key", "The id.", required=True),
            Role("time", "time", "When it was ordered.", required=True),
            Role("order", "key", "Rows of one order; a customer's day if absent."),
            Role("product", "key", "What was bought."),
            Role("category", "key", "The kind of product."),
            Role("quantity", "number", "Pieces; below zero for returns."),
            Role("price", "number", "Price of one item."),
            Role("amount", "number", "Price of the whole row."),
            Role("discount", "number", "What was taken off, in money or as a share."),
            Role("cost", "number", "What the whole row cost the seller."),
            Role("channel", "text", "Shop, web, app, telephone, …"),
            Role("payment", "text", "How it was paid."),
            Role("loyalty", "text", "Loyalty card or points used: yes, or a number above zero."),
        ),
        (
            _NO_KEY,
            _DUPLICATE,
            _UNREADABLE,
            _OUT_OF_RANGE,
            _NO_TIME,
            _FUTURE,
            Rule("no_amount", "drop", ("drop", "stop"), "its value is unknown"),
            _UNKNOWN,
            Rule(
                "price_not_above_zero",
                "drop",
                ("drop", "warn", "stop"),
                "given away, or a correction of the books",
            ),
            Rule(
                "unmatched_return",
                "warn",
                ("warn", "drop", "stop"),
                "no earlier order of that customer, product and amount; kept: taken off the value",
            ),
            _STALE,
        ),
    ),
    "events": Kind(
        "one row per visit, call or click",
        (
            Role("customer", "key", "The id.", required=True),
            Role("time", "time", "When it was.", required=True),
            Role("type", "text", "View, search, basket, call, …"),
            Role("session", "key", "Events of one visit."),
            Role("channel", "text", "Web, app, mail, shop, …"),
            Role("device", "text", "Phone, tablet, desktop."),
            Role("operating_system", "text", "As reported."),
            Role("browser", "text", "As reported."),
            Role("app_version", "text", "As reported."),
            Role("feature", "text", "What of the product was used."),
            Role("seconds", "number", "How long it took."),
        ),
        (_NO_KEY, _REPEATED_EVENT, _UNREADABLE, _OUT_OF_RANGE, _UNKNOWN, _NO_TIME, _FUTURE, _STALE),
    ),
    "responses": Kind(
        "one row per customer and survey item",
        (
            Role("customer", "key", "The id.", required=True),
            Role("item", "text", "What was asked.", required=True),
            Role("score", "number", "What was answered.", required=True),
            Role("time", "time", "When it was answered."),
            Role("seconds", "number", "How long the answer took."),
        ),
        (_NO_KEY, _DUPLICATE, _UNREADABLE, _OUT_OF_RANGE, _UNKNOWN, _NO_TIME, _FUTURE, _STALE),
    ),
    "campaigns": Kind(
        "one row per customer and contact",
        (
            Role("customer", "key", "The id.", required=True),
            Role("campaign", "text", "Its name.", required=True),
            Role("time", "time", "When the contact was made."),
            Role("channel", "text", "E-mail, letter, telephone, app, …"),
            Role("holdout", "flag", "Yes: chosen, and not contacted on purpose."),
            Role("responded", "flag", "Yes: did what was asked."),
            Role("cost", "number", "Of the contact."),
            Role("revenue", "number", "What followed from it."),
        ),
        (_NO_KEY, _DUPLICATE, _UNREADABLE, _OUT_OF_RANGE, _UNKNOWN, _NO_TIME, _FUTURE),
    ),
    "subscriptions": Kind(
        "one row per contract",
        (
            Role("customer", "key", "The id.", required=True),
            Role("start", "time", "First day.", required=True),
            Role("end", "time", "Last day; missing while it runs."),
            Role("plan", "text", "Tariff or edition."),
            Role("fee", "number", "A month."),
            Role("renewals", "number", "How often it was renewed."),
        ),
        (
            _NO_KEY,
            _DUPLICATE,
            _UNREADABLE,
            _OUT_OF_RANGE,
            _UNKNOWN,
            Rule("no_start", "drop", ("drop", "stop"), "when it began is unknown"),
            Rule("start_on_or_after_as_of", "drop", ("drop", "stop"), "nothing from as_of on is looked at"),
            Rule("end_before_start", "drop", ("drop", "mend", "stop"), "mended: it ended when it began"),
        ),
    ),
}
