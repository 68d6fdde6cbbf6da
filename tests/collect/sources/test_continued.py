"""Rows that carry on the row above, as exports write them that fill the cells of an order in its first row alone."""

from __future__ import annotations

import pandas as pd
import pytest

from seglib.collect import sources
from seglib.errors import DataError
from seglib.project.new.recognise.continued import continued

N = 60


def orders(lines=(1, 2, 3)) -> pd.DataFrame:
    """One row per line of an order; of the second line on, the order's cells are blank. Every third order has a note."""
    rows = []
    for n in range(N):
        head = {"Order Reference": f"S{n:03d}", "Date": f"2024-01-{n % 28 + 1:02d}", "Customer": f"c{n % 7}"}
        head |= {"Note": "ring twice" if n % 3 == 0 else ""}
        blank = dict.fromkeys(head, "")
        for at in range(lines[n % len(lines)]):
            rows.append((blank if at else head) | {"Product": f"p{at}", "Qty": str(at + 1), "Price": "2.50"})
    return pd.DataFrame(rows)


def opened(tmp_path, table: pd.DataFrame, ending: str = "csv", **spec):
    file = tmp_path / f"a.{ending}"
    table.to_csv(file, index=False) if ending == "csv" else table.to_excel(file, index=False)
    spec = {"path": file.name} | spec
    return sources.open_source(sources.connect(), "transactions", tmp_path, spec)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_continued_rows_get_the_cells_of_their_first_row(tmp_path, ending):
    table = orders()
    blank = continued(opened(tmp_path, table, ending))
    assert blank == ["Order Reference", "Date", "Customer", "Note"]
    read = opened(tmp_path, table, ending, fill_down=blank)
    made = read.table.to_pandas()
    wanted = table["Order Reference"].where(table["Order Reference"] != "").ffill()
    assert made["Order Reference"].tolist() == wanted.tolist()
    assert read.how["rows that carry on the row above"] == f"{(table.Date == '').sum()} filled"
    # a blank note of a first row is its own, and is not filled from the order before
    notes = made.groupby("Order Reference").Note.nunique()
    assert notes.sum() == N / 3
    assert made.Product.tolist() == table.Product.tolist()


def test_orders_of_nobody_known_are_not_continued(tmp_path):
    table = orders(lines=(1,))
    table.loc[table.index % 2 == 1, ["Customer", "Note"]] = ""
    assert continued(opened(tmp_path, table)) == []


def test_what_cannot_be_carried_on_is_refused_in_one_line(tmp_path):
    with pytest.raises(DataError, match="fill_down names 'Order', which is no column"):
        opened(tmp_path, orders(), fill_down=["Order"])
    with pytest.raises(DataError, match="the first row is blank in Note"):
        opened(tmp_path, orders().iloc[1:], fill_down=["Note"])
