"""The bounds that segments are judged by: name, value, unit and source."""

from __future__ import annotations

#: Customers on whom a statement about a segment rests at least: a name, a test, a curve.
FEWEST = 10

# Differences between segments

#: Chance of calling any feature different where none is, over all features and segments.
ALPHA = 0.05
#: Effects from which a difference is small, medium and large: ε² and V after Cohen (1988, sections
#: 8.2 and 7.2: f = .1, which is 1 % of the variance, and w = .1), δ after Romano and others (2006).
SIZES: dict[str, tuple[float, float, float]] = {
    "epsilon squared": (0.01, 0.06, 0.14),
    "Cramér's V": (0.1, 0.3, 0.5),
    "Cliff's delta": (0.147, 0.33, 0.474),
}
#: The sizes in words.
SIZE_WORDS = ("negligible", "small", "medium", "large")
#: Effects below which a difference is negligible, however significant.
SMALL: dict[str, float] = {measure: sizes[0] for measure, sizes in SIZES.items()}

# The scorecard

#: Share of the cells that must be known for a segment to be measurable; the complement of the largest missing
#: share of a variable, unless the params say otherwise.
MIN_KNOWN = 0.7
#: Area under the curve from which discrimination is acceptable (Hosmer, Lemeshow and Sturdivant, 2013,
#: section 5.2.4).
MIN_AUC = 0.7
#: Median margin to the next segment below which a segment is hardly distinct, and a customer near the border.
CLEAR_MARGIN = 0.1
#: Share of a segment of which a feature must be known for a play to ask for it.
KNOWN = 0.5

# Names

#: Shares of a segment from which it is called by an answer: as it is, or as what is mostly so.
NEARLY_ALL, MOST = 0.75, 0.5
#: Absolute correlation above which two features say the same.
SAME = 0.9
#: Weight of the distance from the next segment, beside that from all customers.
ALONE = 1 / 3
#: Share of draws in which a feature must lead to be steady.
STEADY = 0.5

#: Share of a segment, and of those who meet its rule, for which the rule holds at least to be what it is made of.
RULE_HOLDS = 0.6
#: Places among which a feature must be to lead: one more than the usual parts of a name.
LEADING = 3

# Behaviour

#: Gaps between a customer's own orders after which they are overdue: the rule of thumb of win-back.
OVERDUE = 2.0
#: Months of the year that a season has at most, and days between first and last order for two to have been seen.
SEASON, TWO_CYCLES = 3, 270
#: Share of a segment's customers who must have ordered earlier for its growth to be compared.
COMPARABLE = 0.25
#: Lowest answer of promoters, highest of detractors, and the scale (Reichheld, 2003).
PROMOTERS, DETRACTORS, SCALE = 9, 6, (0, 10)

#: Days within which a next order is soon: a quarter. Kinds of event of which it is compared what follows.
SOON, MOST_KINDS = 90, 6
#: Difference of a share from all customers' that is worth a sentence: five points.
NOTEWORTHY = 0.05

# Seasons

#: Categories of which demand is expected; all others are taken together.
MOST_CATEGORIES = 12
#: Times an average month from which a month is a peak, if it is significantly above one.
PEAK = 1.25
#: Relative standard error of a year's level where it is carried over from the last one: an assumption.
LEVEL_ERROR = 0.1

# Prices

#: Part of the usual price by which one is reduced, and share of rows at a discount from which prices varied.
REDUCED, VARIED = 0.05, 0.01
#: Share of a product's weeks that have its usual price, and of all rows whose product has one.
USUAL = 0.5
#: Intraclass correlation of being discounted within product and week from which discounts go to products, and
#: not to single orders: half of what differs.
BY_PRODUCT = 0.5
#: Share of a product's rows in a week that are at a discount, or at the full price, for the week to be so.
MOSTLY = 0.8
#: Bounds between depths of a discount.
DEPTHS = (0.1, 0.2, 0.35)
#: Products that must have been sold at both for purchases to be compared.
FEWEST_PRODUCTS = 10

# Drivers of churn

#: Cross-validated area under the curve below which there are no drivers; 0.5 is guessing.
LEAST_AUC = 0.6
#: And from which it is too good: people are rarely predicted so well, and what follows from an outcome predicts
#: it almost without error (Kaufman, Rosset, Perlich and Stitelman, 2012).
TOO_GOOD = 0.95
#: Customers at risk, and not, per column of the regression (Vittinghoff and McCulloch, 2007).
PER_COLUMN = 5
#: Largest missing share of a feature that may explain.
MOST_MISSING = 0.3
#: Share of customers below which an answer is counted with the one that all others are compared with.
RARE = 0.02
#: Variance inflation above which a column follows from the others (Marquardt, 1970).
MOST_INFLATION = 10.0

# Comments

#: Customers with a comment below which nothing is said; words that are compared at the most, and topics.
LEAST_COMMENTS, MOST_WORDS, TOPICS = 50, 2000, 8
#: Words that the prior of the log-odds is worth (Monroe, Colaresi and Quinn, 2008, take 500 of their corpus).
PRIOR_WORDS = 500

# Campaigns

#: Adjusted p-value below which an effect is significant, of drivers and of campaigns.
SIGNIFICANT = 0.05
#: Customers other than zero that both groups need for the interval of a mean of mostly zeros: with fewer, one
#: segment in ten would seem to respond to nothing.
FEW = 20

# Lifetime value

#: Days, buyers, and buyers with a second purchase that a fit needs.
LEAST_DAYS, LEAST_BUYERS, LEAST_REPEATERS = 180, 500, 50
#: How far chains of the full posterior may differ (R-hat; Gelman and Rubin, 1992).
AGREED = 1.05
#: Share of the actual number within which a prediction is close.
CLOSE = 0.1
