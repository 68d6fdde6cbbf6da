"""Small tables in the layouts of common systems, with the true role of every column."""

from __future__ import annotations

from pathlib import Path

import awkward
import awkward_books  # noqa: F401  # each adds its own to the layouts
import awkward_contracts  # noqa: F401
import awkward_events  # noqa: F401
import awkward_markets  # noqa: F401
import awkward_shops  # noqa: F401
import numpy as np
import pandas as pd
import yaml

LAYOUTS = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")) | awkward.LAYOUTS
KINDS = ("customers", "transactions", "events", "responses", "campaigns", "subscriptions")
_CUSTOMERS, _ORDERS, _PRODUCTS = 120, 420, 40


def truth(name: str) -> dict[str, dict[str, str]]:
    """By kind of source and column, the role or roles that are right."""
    layout = LAYOUTS[name]
    return {kind: {c: str(spec[0]) for c, spec in layout[kind].items()} for kind in KINDS if kind in layout}


def tables(name: str) -> dict[str, pd.DataFrame]:
    """By kind of source, a table of texts in the layout."""
    layout = LAYOUTS[name]
    if name in awkward.LAYOUTS:
        return awkward.tables(name)
    return {kind: _table(kind, layout) for kind in KINDS if kind in layout}


def saved(name: str, folder: Path) -> dict[str, str]:
    """Save the tables of a layout as its system does: by kind, the file."""
    if name in awkward.LAYOUTS:
        return awkward.written(name, folder)
    files = {}
    for kind, table in tables(name).items():
        files[kind] = str(folder / f"{kind}.csv")
        table.to_csv(files[kind], index=False)
    return files


def _table(kind: str, layout: dict) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    world = _people(rng) if kind == "customers" else _rows(rng, layout)
    columns = {}
    for column, spec in layout[kind].items():
        of, what = spec[1:] if len(spec) == 3 else ("r", spec[1])
        if isinstance(what, list):
            key = world["o" if of == "first" else of]
            answers = np.array(what, dtype=object)[rng.permutation(int(key.max()) + 1) % len(what)][key]
        else:
            rows = world.to_dict("records")
            answers = np.array([what.format(**row) for row in rows], dtype=object)
        columns[column] = np.where(world.l > 1, "", answers) if of == "first" else answers
    return pd.DataFrame(columns)


def _of_row(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what every row and every customer has."""
    own = np.random.default_rng(3)
    y, y9, y7, y8 = (own.integers(0, most, 20_000)[frame.c] for most in (1000, 60, 7000, 99_999))
    m = own.lognormal(14, 1, 20_000)[frame.c]
    days = pd.to_timedelta(own.integers(0, 16_000, 20_000)[frame.c], unit="D")
    return frame.assign(
        x=(x := rng.integers(0, 1000, len(frame))),
        x9=x % 40,
        y=y,
        y9=y9,
        y7=y7,
        y8=y8,
        m=m,
        m2=m / 1000,
        e=(m / 90_000).astype(int) + 1,
        g=20 + y % 60,
        z=[f"{10000 + n * 83 % 89_000}" for n in frame.c],
        c5=frame.c + 51_000,
        r1=frame.r + 700_001,
        born=pd.Timestamp("1948-02-03") + days,
        epoch=frame.t.astype("int64") // 10**9
        if frame.t.dtype == "datetime64[ns]"
        else frame.t.astype("datetime64[s]").astype("int64"),
    )


def _people(rng: np.random.Generator) -> pd.DataFrame:
    n = 3 * _CUSTOMERS
    since = pd.Timestamp("2022-01-03 08:00") + pd.to_timedelta(rng.integers(0, 900 * 1440, n), unit="m")
    later = since + pd.to_timedelta(rng.integers(1, 200, n), unit="D")
    frame = pd.DataFrame({"c": np.arange(1, n + 1), "r": np.arange(n), "t": since, "u": later, "l": 1})
    return _of_row(rng, frame)


def _rows(rng: np.random.Generator, layout: dict) -> pd.DataFrame:
    lines = np.ones(_ORDERS, int) if layout.get("only") else rng.integers(1, 4, _ORDERS)
    order = np.repeat(np.arange(_ORDERS), lines)
    n = len(order)
    minutes = np.sort(rng.integers(0, 600 * 1440, _ORDERS))
    start = pd.Timestamp("2024-01-08 07:13:20") + pd.to_timedelta(minutes, unit="m")
    product = rng.integers(1, _PRODUCTS + 1, n)
    pieces = rng.choice([1, 1, 1, 2, 3, 4], n)
    back = (rng.random(n) < 0.04) & bool(layout.get("returns"))
    pieces = np.where(back, -pieces, pieces)
    price = (3 + product * 7 % 40 + 0.95).round(2)
    amount = (pieces * price).round(2)
    discount = np.where(rng.random(n) < 0.3, (0.1 * np.abs(amount)).round(2), 0.0)
    frame = pd.DataFrame(
        {
            "o": order + 10_001,
            "c": rng.integers(1, _CUSTOMERS + 1, _ORDERS)[order],
            "r": np.arange(n),
            "t": start[order],
            "i": product,
            "i1": product + 4000,
            "q": pieces,
            "p": price,
            "a": amount,
            "d": discount,
            "n": amount - discount,
            "v": (0.19 * amount).round(2),
            "k": (0.55 * amount).round(2),
        }
    )
    total = frame.groupby("o").n.transform("sum").round(2)
    frame = frame.assign(
        s=total,
        s5=total + 4.9,
        b=5_000 + frame.n.cumsum() % 900,
        l=frame.groupby("o").cumcount() + 1,
        u=frame.t + pd.to_timedelta(frame.o % 40 + 1, unit="D"),
        w=frame.t + pd.to_timedelta(frame.o % 40 + 4, unit="D"),
    )
    return _of_row(rng, frame)
