"""The query that gives customers their segments."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from seglib.implement.scoring.columns import Layer, prepared_columns, three_numbers
from seglib.implement.scoring.dialects import (
    LARGEST,
    Dialect,
    case,
    column,
    first_equal,
    greatest,
    known,
    least,
    minus,
    number,
    over,
    whole,
)
from seglib.implement.scoring.models import Compared, compared
from seglib.implement.scoring.stored import StoredSegmentation

#: Why a customer whom rules give a name that no customer of the run had cannot be scored.
NEW_NAME = "the rule's segment has no customers in the run"


def scoring_query(
    stored: StoredSegmentation,
    dialect: str,
    *,
    table: str = "features",
    customer: str = "customer",
    measures: bool = False,
) -> str:
    """Write a stored segmentation as one query.

    Parameters
    ----------
    stored
        The segmentation.
    dialect
        A key of `seglib.implement.scoring.TITLES`.
    table
        The table of features, one row per customer, its columns called as in the run; parts of a
        qualified name are separated by points.
    customer
        Its column that tells customers apart.
    measures
        Whether the distance or probability of each segment is returned too, as measure_0, measure_1, … in
        the model's own order, and the logarithm of a mixture's density.

    Returns
    -------
    str
        A query whose rows are: customer, segment (its number in the run; NULL where the customer cannot
        be scored), margin (0 on the border, towards 1 in the middle) and remark (why a customer cannot be
        scored, or what was guessed; NULL for all others).

    Raises
    ------
    RunError
        If the method has no rule for new customers that can be written in SQL.
    """
    in_dialect = Dialect(dialect)
    if stored.model is None:
        names = exp.select(exp.alias_(exp.column(customer, quoted=True), "customer"))
        one = names.select("1 AS segment", "1.0e0 AS margin", "NULL AS remark")
        return one.from_(_table(table)).sql(dialect, pretty=True) + ";\n"
    if stored.by_rules:
        prepared = three_numbers(stored.inputs, in_dialect)
        says = compared(stored.model, prepared.columns, in_dialect)
    else:
        steps = stored.model.named_steps
        prepared = prepared_columns(steps["preparation"], stored.numeric, stored.least_known, in_dialect)
        says = compared(steps["model"], prepared.columns, in_dialect)
    layers = [*prepared.layers.values(), *says.layers, *_margin(says)]
    first, *others = [layer for layer in layers if layer]
    source = {"customer": exp.column(customer, quoted=True)} | first
    query = exp.select(*_named(source)).from_(_table(table))
    ctes = [query] + [
        exp.select("*", *_named(layer)).from_(f"layer_{n}") for n, layer in enumerate(others, 1)
    ]
    final = exp.select(*_named(_result(stored, says, in_dialect, measures)))
    final = final.from_(f"layer_{len(ctes)}")
    once = True if dialect == "postgres" else None  # which would write each layer into the next, and grow
    for n, layer_query in enumerate(ctes, 1):
        final = final.with_(f"layer_{n}", as_=layer_query, materialized=once, copy=False)
    return final.sql(dialect, pretty=True) + ";\n"


def _table(name: str) -> exp.Table:
    parts = [exp.to_identifier(part, quoted=True) for part in name.split(".")]
    return exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))


def _named(layer: Mapping[str, exp.Expr]) -> list[exp.Expr]:
    return [exp.alias_(value, name, copy=False) for name, value in layer.items()]


def _margin(says: Compared) -> list[Layer]:
    """Find the two nearest segments, by the measures themselves."""
    names = says.measures
    if len(names) < 2:
        return []
    pick = greatest if says.probable else least
    never = number(-1.0 if says.probable else LARGEST)
    places: Layer = {"place": column(says.label) if says.nearest else first_equal(names, "best")}
    others = [
        case((exp.EQ(this=column("place"), expression=whole(i)), never), otherwise=column(name))
        for i, name in enumerate(names)
    ]
    return [{"best": pick([column(n) for n in names])}, places, {"second": pick(others)}]


def _result(stored: StoredSegmentation, says: Compared, dialect: Dialect, measures: bool) -> Layer:
    label = column(says.label)
    codes = [
        (exp.EQ(this=label, expression=whole(i)), whole(s)) for i, s in sorted(stored.segment_of.items())
    ]
    no_segment = []
    if without := sorted(set(range(stored.n_labels)) - set(stored.segment_of)):
        new = exp.In(this=label.copy(), expressions=[whole(i) for i in without])
        no_segment = [(new, dialect.text(NEW_NAME))]
    refused = known(column("refused"))
    unusable = [(condition.copy(), exp.null()) for condition in (refused, *(c for c, _ in no_segment))]
    result: Layer = {"customer": column("customer"), "segment": case(*unusable, *codes)}
    result["margin"] = case(*[(c.copy(), exp.null()) for c, _ in unusable], otherwise=_of_two(says))
    words = [(refused, column("refused")), *no_segment]
    result["remark"] = case(*[(c.copy(), w) for c, w in words], otherwise=column("noted"))
    if measures:
        result |= {f"measure_{i}": column(name) for i, name in enumerate(says.measures)}
        if says.density:
            result["log_density"] = column(says.density)
    return result


def _of_two(says: Compared) -> exp.Expr:
    if len(says.measures) < 2:
        return column(says.measures[0]) if says.measures and says.probable else number(1)
    best, second = column("best"), column("second")
    if says.probable:
        return minus(best, second)
    apart = exp.GT(this=second, expression=number(0))
    return case((apart, minus(number(1), over(best, second.copy()))), otherwise=number(0))
