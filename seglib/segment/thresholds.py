"""The bounds by which segments are judged: name, value, unit and source."""

from __future__ import annotations

#: Mean Jaccard similarity of a stable segment, and of one that can be trusted at all (Hennig, 2007).
STABLE, TRUSTED = 0.75, 0.6
#: Kaufman and Rousseeuw (1990): up to an average silhouette of .25 there is no substantial structure.
SUBSTANTIAL_SILHOUETTE = 0.25
#: Silhouettes on a sample do not differ by less.
SAME_SILHOUETTE = 0.02
#: Two partitions that agree to this (adjusted Rand index) are one; the simpler method then forms the segments.
SAME_PARTITION = 0.9
#: A segment that loses this share of its customers to one neighbour in other samples overlaps it.
OVERLAPS = 0.25
#: Margin below which a customer is near the border to the next segment.
NEAR_BORDER = 0.1
#: Rank correlation from which on two features are redundant.
REDUNDANT = 0.95
#: Smallest share of the segmentation variables that must be known of a customer.
KNOWN = 0.5
#: Quantile of the agreement of reference data that a candidate must exceed.
REFERENCE_QUANTILE = 0.95
#: Share of the other methods from which on a customer's segment is disputed.
DISPUTED = 0.5
#: Agreement (adjusted Rand index) with the usual rules that is called moderate, and strong.
MODERATE, STRONG = 0.3, 0.65
