"""The typing tool as SQL."""

from __future__ import annotations

from sqlglot import exp

from seglib.implement.scoring.dialects import (
    LARGEST,
    Dialect,
    case,
    column,
    first_equal,
    greatest,
    missing,
    number,
    square,
    times,
    total,
    whole,
)
from seglib.implement.typing.tool import Question, TypingTool

Layer = dict[str, exp.Expr]


def typing_query(
    tool: TypingTool, dialect: str, *, table: str = "answers", customer: str = "customer"
) -> str:
    """Write a typing tool as one query.

    Parameters
    ----------
    tool
        The tool.
    dialect
        A key of `seglib.implement.scoring.TITLES`.
    table, customer
        A table with one row per newcomer and a column per question, called as its feature; its column that
        tells newcomers apart.

    Returns
    -------
    str
        A query whose rows are: customer, segment (its number in the run).
    """
    own = Dialect(dialect)
    aliases = {q.feature: f"q{i}" for i, q in enumerate(tool.questions, 1)}
    given: Layer = {"customer": exp.column(customer, quoted=True)}
    for q in tool.questions:
        value = exp.column(q.feature, quoted=True)
        given[aliases[q.feature]] = own.as_text(value) if q.options else exp.cast(value, "double")
    taken = {f"a{aliases[q.feature][1:]}": _answer(q, aliases[q.feature], own) for q in tool.questions}
    scaled: Layer = {}
    for q in tool.questions:
        name = aliases[q.feature][1:]
        if q.log:
            positive = greatest([column(f"a{name}"), number(0)])
            scaled[f"t{name}"] = exp.Ln(this=total([number(1), positive]))
        elif not q.options:
            scaled[f"t{name}"] = column(f"a{name}")
    if tool.nodes:
        layers = [given, taken, {"label": _branch(tool, aliases, 0)}]
    else:
        layers = [given, taken, scaled, *_scores(tool, aliases)]
    codes = [
        (exp.EQ(this=column("label"), expression=whole(i)), whole(s)) for i, s in enumerate(tool.segments)
    ]
    final: Layer = {"customer": column("customer"), "segment": case(*codes)}
    return _stacked([layer for layer in layers if layer], final, table, dialect)


def _answer(q: Question, alias: str, own: Dialect) -> exp.Expr:
    """Return the number that is taken, or the position of the option."""
    if not q.options:
        usable = exp.LTE(this=exp.Abs(this=column(alias)), expression=number(LARGEST))
        return case((usable, column(alias)), otherwise=number(q.usual))
    none = exp.or_(missing(column(alias)), exp.EQ(this=column(alias), expression=own.text("")))
    same = [
        (exp.EQ(this=column(alias), expression=own.text(option)), whole(i))
        for i, option in enumerate(q.options)
    ]
    other, usual = (whole(q.options.index(o)) for o in (q.other, q.usual))
    return case((none, usual), *same, otherwise=other)


def _scores(tool: TypingTool, aliases: dict[str, str]) -> list[Layer]:
    sums = {}
    for k, intercept in enumerate(tool.intercept):
        terms = [number(intercept)]
        for q in tool.questions:
            name = aliases[q.feature][1:]
            if q.options:
                codes = [
                    (exp.EQ(this=column(f"a{name}"), expression=whole(i)), number(w[k]))
                    for i, w in enumerate(q.weights)
                ]
                terms.append(case(*codes))
            else:
                terms.append(times(number(q.linear[k]), column(f"t{name}")))
                if q.square[k]:
                    terms.append(times(number(q.square[k]), square(column(f"t{name}"))))
        sums[f"s{k}"] = total(terms)
    return [sums, {"best": greatest([column(s) for s in sums])}, {"label": first_equal(sums, "best")}]


def _branch(tool: TypingTool, aliases: dict[str, str], at: int) -> exp.Expr:
    node = tool.nodes[at]
    if not node.feature:
        return whole(node.segment)
    answer = column(f"a{aliases[node.feature][1:]}")
    if node.option:
        options = next(q.options for q in tool.questions if q.feature == node.feature)
        yes: exp.Expr = exp.EQ(this=answer, expression=whole(options.index(node.option)))
    else:
        yes = exp.LTE(this=answer, expression=number(node.at_most or 0.0))
    return case((yes, _branch(tool, aliases, node.yes)), otherwise=_branch(tool, aliases, node.no))


def _stacked(layers: list[Layer], final: Layer, table: str, dialect: str) -> str:
    named = [[exp.alias_(v, n, copy=False) for n, v in layer.items()] for layer in [*layers, final]]
    first, *others, last = named
    parts = [exp.to_identifier(part, quoted=True) for part in table.split(".")]
    source = exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))
    ctes = [exp.select(*first).from_(source)]
    ctes += [exp.select("*", *layer).from_(f"layer_{n}") for n, layer in enumerate(others, 1)]
    query = exp.select(*last).from_(f"layer_{len(ctes)}")
    for n, layer_query in enumerate(ctes, 1):
        query = query.with_(f"layer_{n}", as_=layer_query, copy=False)
    return query.sql(dialect, pretty=True) + ";\n"
