"""05: which segments to target, and what to do for each.

`capability`          how well we can serve each segment
`Evidence`            what is known of the segments, from which criteria are measured
`weights`             how much each criterion counts for the objective
`rules`               how scores become targets: weights, knock-outs, the most targets
`ranking`             the segments by score, and which are targets
`axes`                how attractive each segment is, and how well we can serve it
`resampled_criteria`  the criteria, measured on resampled customers
`simulations`         the ranking under other weights and with resampled customers
`decisive`            whether the line between targets and others holds, or is too close to call
`measured_offers`     what segments buy, when and through what, what comes next, which needs are unmet
`library`             the plays to choose from
`chosen_plays`        the play that fits each segment, and why
`expected`            the response to a contact, its worth and its cost
`plan`                what each target gets of the budget, and what that brings
`splits`              the plan beside an equal split and one in proportion to customers
`curves`              the expected profit of each target as more is spent on it
`left_over`           what of the budget is not spent, and why
"""

from seglib.catalogue.front_doors import front_door

__all__, __getattr__ = front_door(
    __name__,
    {
        "criteria": ("Evidence", "capability"),
        "scoring": ("axes", "ranking", "rules", "weights"),
        "sensitivity": ("decisive", "resampled_criteria", "simulations"),
        "offers.overview": ("measured_offers",),
        "plays": ("chosen_plays", "library"),
        "response": ("expected",),
        "budget.plan": ("curves", "left_over", "plan", "splits"),
    },
)
