"""The bounds by which segments are judged: name, value, unit and source."""

from __future__ import annotations

from seglib.estimators.scales import SPIKE as SPIKE

#: Mean Jaccard similarity of a stable segment, and of one that can be trusted at all (Hennig, 2007).
STABLE, TRUSTED = 0.75, 0.6
#: Kaufman and Rousseeuw (1990): up to an average silhouette of .25 there is no substantial structure.
SUBSTANTIAL_SILHOUETTE = 0.25
#: Silhouettes on a sample do not differ by less.
SAME_SILHOUETTE = 0.02
#: Two partitions that agree to this (adjusted Rand index) are one; the simpler method then forms the segments.
SAME_PARTITION = 0.9
#: Agreement (adjusted Rand index) from which on two partitions are similar.
SIMILAR = 0.7
#: A segment that loses this share of its customers to one neighbour in other samples overlaps it.
OVERLAPS = 0.25
#: Largest share of all customers that niches have together.
NICHES = 0.05
#: Chance from which on another number of segments is too close to call.
LIKELY = 0.25
#: Margin below which a customer is near the border to the next segment.
NEAR_BORDER = 0.1
#: Rank correlation from which on two features are redundant.
REDUNDANT = 0.95
#: Smallest share of the segmentation variables that must be known of a customer.
KNOWN = 0.5
#: Mean standardised difference from reference data from which on a candidate is beyond them, and the largest
#: difference that counts; set, as the next three, on the tuning families of benchmarks/families.py.
BEYOND, MOST_DIFFERENCE = 3.5, 10.0
#: Standardised difference of the valley that a candidate beyond them has at least; where its valley is deep;
#: and that of a deep valley that is enough by itself.
VALLEY, DEEP_VALLEY, VALLEY_ALONE = 2.5, 1.0, 8.0
#: Evidence from which on a stable candidate leans towards being beyond; set on planted segments.
LEANS = 1.5
#: Evidence from which on the cut of one segment is one, in a division that is beyond as a whole; set on planted
#: segments.
DIVIDES = 2.0
#: Spikes of two columns that share so many customers are one fact.
SAME_SPIKE = 0.9
#: A rule reproduces a division from this agreement (ARI) on; a division persists without the rule's columns
#: if it is found again to this agreement.
REPRODUCES, PERSISTS = 0.9, 0.5
#: Rank correlation, and agreement (ARI) with a rule, from which on a column is a near-copy of another.
NEAR_COPY, SAME_CUT = 0.9, 0.8
#: Mean share of a finer segment that is in one coarser segment, from which on levels are nested.
NESTED = 0.9
#: Share of the other methods from which on a customer's segment is disputed.
DISPUTED = 0.5
#: Agreement (adjusted Rand index) with the usual rules that is called moderate, and strong.
MODERATE, STRONG = 0.3, 0.65
#: Share of the differences between segments of a battery that is the level of agreement, from which on they only
#: sort respondents by it.
SORTS_BY_LEVEL = 0.8
