"""What to develop for whom: unmet needs and motives per segment, as a brief for those who build products."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess import playbook
from seglib.assess.concepts import about

COLUMNS = (
    "segment",
    "kind",
    "need",
    "customers",
    "share",
    "low",
    "importance",
    "met",
    "year",
    "behind",
    "evidence",
)
#: Concepts that are motives: what customers look for.
_MOTIVES = (
    *("price motive", "quality motive", "convenience motive", "novelty motive", "social motive"),
    *("health motive", "comfort", "adventure", "planning"),
)
#: Bases of what customers said.
_SAID = ("psychographic", "needs")


def briefs(
    unmet: pd.DataFrame,
    profiles: pd.DataFrame,
    economics: pd.DataFrame,
    catalogue: pd.DataFrame,
    stands_out: float = 0.3,
) -> pd.DataFrame:
    """Draft a brief for every unmet need of a segment, and for its clearest motive where needs were not asked for.

    Parameters
    ----------
    unmet, profiles, economics, catalogue
        Tables of the run; motives are features of what customers said.
    stands_out
        Distance from all customers, in standard deviations, from which a motive is named.

    Returns
    -------
    pandas.DataFrame
        One row per segment and need or motive, those that reach most first: kind (need or motive), need,
        customers (of the segment to whom it applies; of a motive, the segment), share of the segment with
        the lower end of its interval, importance and met (0 to 1), year (money a year per customer), behind
        (answers) and evidence (a motive's words).
    """
    sizes = economics.set_index("segment")
    rows: list[dict[str, Any]] = []
    for row in unmet[unmet.missing.astype(bool)].itertuples():
        own = sizes.loc[row.segment]
        rows.append(
            {
                "segment": row.segment,
                "kind": "need",
                "need": row.need,
                "customers": round(own.customers * row.unmet),
                "share": row.unmet,
                "low": row.unmet_lower,
                "importance": row.importance,
                "met": row.met,
                "year": own.year * own.margin_share,
                "behind": row.customers,
                "evidence": "",
            }
        )
    said = set(catalogue.feature[catalogue.basis.isin(_SAID)])
    covered = {row["segment"] for row in rows}
    for segment, own in playbook.traits(profiles).items():
        if segment in covered or segment not in sizes.index:
            continue
        near = [
            r
            for r in own.values()
            if r.feature in said and r.distance >= stands_out and any(about(r, motive) for motive in _MOTIVES)
        ]
        if near:
            top = max(near, key=lambda r: (r.distance, r.label))
            size = sizes.loc[segment]
            rows.append(
                {
                    "segment": segment,
                    "kind": "motive",
                    "need": top.label,
                    "customers": int(size.customers),
                    "year": size.year * size.margin_share,
                    "behind": int(top.known),
                    "evidence": top.words,
                }
            )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = ["kind", "customers", "need"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)
