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
    # behaviour and campaigns
    "movement": "seglib.assess.behaviour.movement",
    "risk": "seglib.assess.behaviour.churn",
    "answered": "seglib.assess.campaigns.contacts",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'seglib.assess' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
