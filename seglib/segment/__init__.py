"""03: how many segments there are, how stable they are, and which customer belongs to which.

`variables`         which features are segmentation variables, which only descriptors
`complete_enough`   the customers of whom enough is known
`methods`           the methods that suit the prepared features
`Limits`            what a segment must be
`Resampling`        how candidates are resampled
`compare`           every method and number of segments under resampling, and the choice
`flow`              how customers move from each number of segments to the next
`references`        what the choice achieves on reference data without segments
`verdict`           natural, reproducible, constructive or none
`rules`             the segments of the usual rules: RFM and the purchase cycle
`formed`            the segments of the choice
`ruled`             the segments of the rules, where no structure was found
`opinions`          the segments of all other methods
`matrix`            how far every two opinions agree
`disputed`          the share of each segment that most other methods place elsewhere
`crossed`           segments by the segments of rules
`summary`           the verdict and how the segments were formed, in one row
"""

from seglib.segment.agreement import crossed, disputed, matrix, opinions, rules
from seglib.segment.comparison import compare, flow
from seglib.segment.reference_data import references
from seglib.segment.segmentation import Limits, formed, ruled, summary
from seglib.segment.stability import Resampling
from seglib.segment.variables import complete_enough, methods, variables
from seglib.segment.verdict import verdict

__all__ = [
    "Limits",
    "Resampling",
    "compare",
    "complete_enough",
    "crossed",
    "disputed",
    "flow",
    "formed",
    "matrix",
    "methods",
    "opinions",
    "references",
    "ruled",
    "rules",
    "summary",
    "variables",
    "verdict",
]
