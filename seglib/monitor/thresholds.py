"""Bounds of the comparison with earlier runs, in one place."""

#: Least Jaccard similarity at which two segments are the same one.
SAME = 0.3
#: A segment is mostly from another with this share of its customers.
MOSTLY = 0.5
#: A part of a segment counts as one of its pieces with this share of its customers.
PIECE = 0.2
#: A valley between two segments is clear from this share of the lower peak on, and is another one below this part
#: of what it was; set on worlds with seeds from 1,000 on of benchmarks/monitoring.py.
CLEAR, FALLEN = 0.5, 0.5
#: Customers of each month, drawn, in whom valleys are looked for; neighbours that place a customer of the other
#: month; fewest customers of a group beside a valley.
MOST_ROWS, NEIGHBOURS, FEWEST = 5000, 5, 20
#: Times that a plane between two groups is placed; part of their covariance that is taken to be none.
ROUNDS, SHRUNK = 5, 0.1
#: Numbers of segments beside the stored one that are compared with it.
AROUND = 2
#: A segment was there before if the model that found it assigns it this part of its share in the earlier month.
THERE = 0.5
#: A segment is gone when fewer than this part of its former share is assigned to it.
GONE = 0.25
#: A refit is a change where two refits of the earlier data would agree so little with this probability, and more than
#: `ELSEWHERE` of customers are in another segment.
BY_CHANCE, ELSEWHERE = 0.005, 0.05
#: Bins of a number in the population stability index; least customers in a bin on average.
BINS, PER_BIN = 10, 10
#: Features that grow by themselves: their change is one of customers only where they did not grow alike in this share.
CLOCKS, ALIKE = ("tenure", "age", "firm_age"), 0.95
#: Days that a run may be off a year to be compared as the same season.
SEASON_DAYS = 20
#: A customer near a border has a margin below this.
NEAR_BORDER = 0.1
#: Draws of customers behind intervals of net migration.
DRAWS = 200
#: A sample ratio below this probability is no chance (Fabijan and others, 2019).
NO_CHANCE = 0.001
