"""The bounds that decide whether there are segments: name, value, unit and source."""

from __future__ import annotations

#: Mean Jaccard similarity from which a segment is stable, and below which it is not to be trusted (Hennig, 2007).
STABLE, TRUSTED = 0.75, 0.6
#: Mean silhouette up to which there is no substantial structure (Kaufman and Rousseeuw, 1990).
SUBSTANTIAL_SILHOUETTE = 0.25
#: Silhouettes on a sample that differ by less are the same.
SAME_SILHOUETTE = 0.02
#: Adjusted Rand index from which two solutions are the same; the simpler method is then taken.
SAME_PARTITION = 0.9
#: A segment overlaps a neighbour to which it loses this share of its customers in other samples.
OVERLAPS = 0.25
#: Rank correlation above which two features are redundant.
REDUNDANT = 0.95
