"""The bounds that decide whether a segment is nearly a protected group: name, value, unit and source."""

from __future__ import annotations

#: Share of a segment that one answer holds, the lower end of its interval, and how many times its share of all
#: customers that must be (the lift of Pedreschi, Ruggieri and Turini, 2008).
HELD, HELD_LOW, LIFT = 0.80, 0.75, 1.5
#: Area under the curve from which an attribute predicts membership, and the lower end of its interval
#: (Feldman and others, 2015, ask how well one predicts the other).
AUC, AUC_LOW = 0.90, 0.80
#: Customers of a segment, and of all others, of whom an attribute must be known for them to be compared.
FEWEST = 10
