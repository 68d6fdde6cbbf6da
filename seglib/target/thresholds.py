"""The bounds that decide on targets, plays and offers: name, value, unit and source."""

from __future__ import annotations

#: A target has at least this share of the score of the first.
FLOOR = 1 / 3
#: Share of simulations in which a segment must be selected for its place to be clear.
REQUIRED = 0.9
#: How closely weights are drawn around the given ones: a weight w varies by
#: √(w (1 − w) / (concentration + 1)), so that one of 30 % varies by 10 points.
CONCENTRATION = 20.0
#: How unlike the customers of a segment are, as the shape of `allocation.gains`: the better half brings 65 %
#: of all. In Hillstrom's e-mail test (2008), ordered by predictions from other customers, it brought 50 %
#: (shape 1) for one mail and 81 % (2.4) for the other; between the two, 1.5 loses at most 7 % of the best
#: split's profit.
SHAPE = 1.5
#: A share stands out that is significantly above that of all customers and so many times as high.
STANDS_OUT = 1.2
#: A segment was present in a year that holds this share of an even part of its orders.
LEAST_OF_A_YEAR = 0.25
#: Place in the range of answers, 0 to 1, from which a need is important, and from which it is met.
MIDDLE = 0.5
#: Products below which the spread of lifts is not estimated, and customers that are then added to each product.
LEAST_PRODUCTS, USUAL_STRENGTH = 20, 50.0
#: A product that fewer customers of a segment bought is no ground for an offer to it.
LEAST_BUYERS = 10
#: A product is one of a customer's next if it is among so many.
PLACES = 5
#: What a customer could bring is what this share of the segment's own customers stays below.
ATTAINABLE = 0.75
#: Chance that a play earns more than it costs, from which it is recommended, unless the params say otherwise.
CHANCE = 0.8
#: Chance that one segment is ahead of another, below which they are called equal.
APART = 0.9
#: Shares held out that are tried, the smallest first.
HOLDOUTS = (0.1, 0.2, 0.3, 0.5)
#: Share with the outcome that a comparison assumes of those held out where nothing is known of it.
BASELINE = 0.1
#: A target of a larger share of the customers comes with a reason.
MAJORITY = 0.5
#: Customers below which no outcome of a window is estimated.
FEWEST_BEHIND = 20
