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
`next_orders`      how soon they order first, a second and a third time
`journey`          how far they come in a funnel of steps, and what they do next
`demand`           what they will buy in the next twelve months, by month and category
`price`            how much they buy at a discount, and how purchases differed with its depth
`risk`             who is at risk, customer by customer
`churn`            who is at risk, by segment
`window`           what was known of customers before a day, and who was at risk after it
`drivers`          what goes with being at risk
`satisfaction`     survey answers by segment; `questions` the items that are used
`voice`            what they say in their own words: distinctive words and topics
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

from seglib.catalogue.front_doors import front_door

__all__, __getattr__ = front_door(
    __name__,
    {
        "segments": ("Segments",),
        "description": ("profiles", "resampled", "named", "portrayed"),
        ".privacy.protected": ("nearly_groups",),
        "summary": ("size_and_value",),
        "value.assumptions": ("Assumptions",),
        "value.then": ("EarlierSegments",),
        "value.outlook": ("records", "outlook"),
        "contrasts": ("differences",),
        "playbook": ("library",),
        "scorecard": ("Assessment", "Requirements", "judge", "knocked_out"),
        "behaviour.movement": ("movement", "monthly"),
        "behaviour.retention": ("retention",),
        "behaviour.next_orders": ("next_orders",),
        "behaviour.journey": ("journey",),
        "behaviour.demand": ("demand",),
        "behaviour.price": ("price",),
        "behaviour.churn": ("risk", "churn"),
        "behaviour.before": ("window",),
        "behaviour.drivers": ("drivers:over_time",),
        "behaviour.satisfaction": ("questions:asked", "satisfaction"),
        "behaviour.voice": ("voice",),
        "campaigns.contacts": ("contacts:gathered", "answered", "spread"),
        "campaigns.pooling": ("effects:with_totals",),
    },
)
