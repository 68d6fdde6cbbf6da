"""06: who is contacted, who is held out, and where the audiences go.

`campaigns`    the campaign that the play of each target becomes
`members`      the customers of each target, the highest expected gain first
`of_movements` the same without those who did not make the movement that a play is for
`after_policy` what consent, reach, suppression, caps and priorities leave of them
`outcomes`     how many ordered lately and before, by segment
`baselines`    how many respond without a contact, and what CUPED can explain of it
`shares`       the share of each target that is held out
`assignment`   who is contacted and who is held out
`audience_table` the customers of all targets under pseudonyms
`funnel`       who is left after each step, and why the others are not
`arms_table`   the arms, their ratio, and the smallest effect that they can show
`plan`         how many customers show an effect, and how long that takes
`with_hooks`   next products, preferred channel and hour of each customer
`deliver`      files for the tools that the audiences are meant for
`sensitive`    segments that no advertising platform may receive
`rows_for`     rows of the database that receives the audiences
`campaign_file` what `sources.campaigns` reads back
`handover`     what the one who sends a campaign must know
`bucket_sql`   the bucket of an id as an expression of SQL
"""

from seglib.catalogue.front_doors import front_door

__all__, __getattr__ = front_door(
    __name__,
    {
        "audiences": ("audience_table", "campaigns", "funnel", "members"),
        "assignments": ("arms_table", "assignment", "shares"),
        "moving": ("of_movements",),
        "policy": ("after_policy",),
        "power": ("baselines", "outcomes", "plan"),
        "holdouts": ("bucket_sql",),
        "handing": ("campaign_file", "handover"),
        "delivery": ("deliver",),
        "hooks": ("with_hooks",),
        "sensitivity": ("sensitive",),
        "destinations.database": ("rows_for",),
    },
)
