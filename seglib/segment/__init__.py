"""03: how many segments there are, how stable they are, and which customer belongs to which.

`variables`         which features are segmentation variables, which only descriptors
`complete_enough`   the customers of whom enough is known
`battery`           the items answered in the same way
`methods`           the methods that suit the prepared features
`Limits`            what a segment must be
`Resampling`        how candidates are resampled
`compare`           every method and number of segments under resampling
`flow`              how customers move from each number of segments to the next
`Judgement`         what was chosen, and why
`judgement`         the choice, beside reference data without segments
`cut_table`         divisions by one column, as conditions on it
`segment_rules`     the one or two cuts that come closest to each segment
`Verdict`           what was decided, and the measures that say so
`verdict`           natural, reproducible, constructive or none
`rules`             the segments of the usual rules: RFM and the purchase cycle
`formed`            the segments of the choice
`ruled`             the segments of the rules, where no structure was found
`opinions`          the segments of all other methods
`matrix`            how far every two opinions agree
`disputed`          the share of each segment that most other methods place elsewhere
`crossed`           segments by the segments of rules
`level_of_agreement`  how much of what differs between segments is how much they agree with everything
`summary`           the verdict and how the segments were formed, in one row
"""

from seglib.segment.agreement import crossed, disputed, matrix, opinions, rules
from seglib.segment.battery import battery, level_of_agreement
from seglib.segment.comparison import compare, flow
from seglib.segment.judgement import Judgement, judgement
from seglib.segment.segmentation import Limits, formed, ruled, summary
from seglib.segment.stability import Resampling
from seglib.segment.surrogate import cut_table, segment_rules
from seglib.segment.variables import complete_enough, methods, variables
from seglib.segment.verdict import Verdict, verdict

__all__ = [
    "Judgement",
    "Limits",
    "Resampling",
    "Verdict",
    "battery",
    "compare",
    "complete_enough",
    "crossed",
    "cut_table",
    "disputed",
    "flow",
    "formed",
    "judgement",
    "level_of_agreement",
    "matrix",
    "methods",
    "opinions",
    "ruled",
    "rules",
    "segment_rules",
    "summary",
    "variables",
    "verdict",
]
