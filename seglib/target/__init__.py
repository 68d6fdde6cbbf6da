"""05: which segments to target, and what to do for each.

`Money`               what the params say of margin and value
`economics`           what customers of each segment bring, may leave with and could bring
`stakes`              what is at stake for the objective
`trade`               the trade that plays are worded for
`candidates`          the plays that fit each segment
`outcomes`            what customers do without a contact, in the windows that plays are measured over
`options`             what each of them is expected to bring, and the chance that it pays
`best_plays`          the play of each segment that is expected to earn most
`tests`               how many to contact and hold out, and the smallest effect that shows
`capability`          how well we can serve each segment
`Evidence`            what is known of the segments, from which criteria are measured
`points`              the criteria on scales of their own: all customers are 0
`weights`             how much each criterion counts, where the params say so
`axes`                the weighted points
`basis`               what decides: money, weights, what is at stake, or nothing
`rules`               how scores become targets: the chance asked for, knock-outs, the most targets
`scored`              the score of each segment
`ranking`             the segments by score, and which are targets
`resampled_criteria`  the points of resampled customers
`drawn_scores`        the scores, drawn at random within their errors
`simulations`         the targets of every draw
`briefs`              what to develop for whom
`products`            what each product brings
`buyers`              how many ordered, and how many of them once
`cautions`            what a reader must know before acting
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
        "anchors": ("axes", "points", "weights"),
        "development": ("briefs",),
        "cautioning": ("buyers", "cautions", "products"),
        "criteria": ("Evidence", "capability"),
        "at_stake": ("Money", "economics", "stakes"),
        "fitting": ("candidates",),
        "holdouts": ("tests",),
        "scoring": ("basis", "best_plays", "ranking", "rules", "scored"),
        "sensitivity": ("decisive", "drawn_scores", "resampled_criteria", "simulations"),
        "baselines": ("outcomes",),
        "offers.overview": ("measured_offers",),
        "plays": ("chosen_plays", "library"),
        "response": ("expected", "options"),
        "trades": ("trade",),
        "budget.plan": ("curves", "left_over", "plan", "splits"),
    },
)
