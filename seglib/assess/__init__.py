"""04: what each segment is, is worth, and responds to.

`Segments`         customers with their segments, and what is known of the features
`profiles`         how each segment differs from all customers
`resampled`        the same on bootstrap samples of customers
`named`            a name for each segment
`portrayed`        what a portrait of each segment is made of
`nearly_groups`    whether a segment is nearly a protected group
`size_and_value`   size, value, growth and risk of each segment
`Assumptions`      the assumptions behind lifetime value
`EarlierSegments`  which segment customers were in on an earlier day
`records`          what purchases and contracts hold for the outlook
`outlook`          predicted lifetime value, its tests, and how long customers subscribe
`movement`         what each segment bought recently and in an earlier period of the same length
`monthly`          revenue by month
`retention`        who orders again, by months since the first order
`risk`             who is at risk, customer by customer; `risk_of` the same beside the features
`churn`            who is at risk, by segment
`drivers`          what goes with being at risk; `candidate_drivers` the features that may explain it
`satisfaction`     survey answers by segment; `questions` the items that are used
`contacts`         what past campaigns recorded; `answered` the responses, customer by customer
`spread`           whether contacted and held-out customers are spread alike over the segments
`effects`          what past campaigns caused, by segment and overall
`differences`      tests of whether the segments differ, feature by feature
`library`          the library of plays
`Assessment`       what is known of the segments when they are judged
`Requirements`     what is required of a segment
`judge`            the scorecard
`knocked_out`      what removes segments from targeting
"""

from importlib import import_module
from typing import Any

#: The module of each name; it is imported when the name is first used, for some take seconds.
_HOMES = {
    "Segments": "seglib.assess.segments",
    "profiles": "seglib.assess.description",
    "resampled": "seglib.assess.description",
    "named": "seglib.assess.description",
    "portrayed": "seglib.assess.description",
    "nearly_groups": "seglib.privacy.protected",
    "size_and_value": "seglib.assess.summary",
    "Assumptions": "seglib.assess.value",
    "EarlierSegments": "seglib.assess.value",
    "records": "seglib.assess.value",
    "outlook": "seglib.assess.value",
    "differences": "seglib.assess.contrasts",
    "library": "seglib.assess.playbook",
    "Assessment": "seglib.assess.scorecard",
    "Requirements": "seglib.assess.scorecard",
    "judge": "seglib.assess.scorecard",
    "knocked_out": "seglib.assess.scorecard",
    "movement": "seglib.assess.behaviour.movement",
    "monthly": "seglib.assess.behaviour.movement",
    "retention": "seglib.assess.behaviour.retention",
    "risk": "seglib.assess.behaviour.churn",
    "risk_of": "seglib.assess.behaviour.churn:of",
    "churn": "seglib.assess.behaviour.churn",
    "candidate_drivers": "seglib.assess.behaviour.churn:candidates",
    "drivers": "seglib.assess.behaviour.drivers",
    "questions": "seglib.assess.behaviour.satisfaction:asked",
    "satisfaction": "seglib.assess.behaviour.satisfaction",
    "contacts": "seglib.assess.campaigns.contacts:gathered",
    "answered": "seglib.assess.campaigns.contacts",
    "spread": "seglib.assess.campaigns.contacts",
    "effects": "seglib.assess.campaigns.pooling:with_totals",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'seglib.assess' has no attribute '{name}'")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute or name)
