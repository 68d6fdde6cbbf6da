"""The bounds by which segments are judged: name, value, unit and source."""

from __future__ import annotations

# What a statement rests on

#: Customers on whom a statement about a segment rests at least: a name, a test, a curve.
FEWEST = 10

# Criteria (shares unless said otherwise)

#: Share of the cells that must be known for a segment to be measured; the complement of the largest
#: missing share of a variable, unless the params say otherwise.
MIN_KNOWN = 0.7
#: Area under the curve from which discrimination is acceptable (Hosmer, Lemeshow and Sturdivant, 2013,
#: section 5.2.4).
MIN_AUC = 0.7
#: Median margin below which a segment is hardly distinct from its neighbour.
CLEAR_MARGIN = 0.1

# Differences between segments

#: Effects from which a difference is small, medium and large: ε² and V after Cohen (1988, sections
#: 8.2 and 7.2: f = .1, which is 1 % of the variance, and w = .1), δ after Romano and others (2006).
SIZES: dict[str, tuple[float, float, float]] = {
    "epsilon squared": (0.01, 0.06, 0.14),
    "Cramér's V": (0.1, 0.3, 0.5),
    "Cliff's delta": (0.147, 0.33, 0.474),
}
#: The sizes in words; a negligible difference does not matter, however significant.
SIZE_WORDS = ("negligible", "small", "medium", "large")
#: Chance of calling any feature different where none is.
ALPHA = 0.05

# Names

#: Places among which a feature must be to lead: one more than the usual parts of a name.
LEADING = 3
#: Share of bootstrap samples in which a feature must lead to be used in a name.
STEADY = 0.5
#: Correlation from which two features say the same.
SAME = 0.9
#: Weight of the distance from the next segment, beside that from all customers.
ALONE = 1 / 3
#: Shares of a segment from which on it is called by an answer: as it is, or as what is mostly so.
NEARLY_ALL, MOST = 0.75, 0.5

# Lifetime value

#: What data must carry: days, buyers, and buyers with a second purchase.
LEAST_DAYS, LEAST_BUYERS, LEAST_REPEATERS = 180, 500, 50
#: A prediction is close if it is no further from what happened than this share.
CLOSE = 0.1
