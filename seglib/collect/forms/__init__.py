"""How cells are written, and what they say: numbers, times, yes and no. One rule for `seglib new` and a run.

- `numerals.Numerals` is a way of writing numbers, `numerals.parsed` reads texts in hand by it.
- `marks.numerals` finds it from all cells of a column.
- `times.Clock` is a way of writing times, `times.clock` finds it.
- `answers.understood` reads yes and no, wholly or not at all.
"""
