"""07: what changed since the last run, whether the segments still hold, and what campaigns earned.

`identities`      which segment is which of an earlier run: kept, born, died, split, merged
`nearness`        how near the centres of segments are; `centres` the centres
`without_small`   segments of too few customers joined with their neighbours
`sizes_now`       size, share and borders of re-scored segments
`runs`            the runs of a project side by side; `path` the sizes of segments over them
`Past`            what is known of one run; `a_year_before` the one of the same season
`Plan`            how the engine is fitted beside; `refit` fits it, `usual` says how two refits agree
`succession`      the table of what became of each segment
`holding`         whether the stored segments still hold
`movements`       for each customer the segment before and now
`migration`       who moved, entered and left, with intervals, net of relabelling
`Limits`          from what a change counts
`drift`           whether features are distributed as before
`volumes`         whether as many rows and customers came in as before
`Evidence`        what the verdict follows from
`agreement`       how far re-scored and refitted segments agree
`verdict`         keep, refresh or rebuild; `word` the same as a word of the page
`contacts`        what followed for customers who were assigned to a campaign
`outcomes`        what campaigns earned; `learned` what that says of plays, `calibration` of forecasts
`success`         sales, retention and satisfaction of each segment over time; `Record` what it is found in;
                  `VIEWS` whose segment counts
`since_first`     what segments brought since the first run, beside what was predicted; `Money` what it counts
`alerts`          the table of alerts; `of_verdict`, `of_drift`, `of_volumes`, `of_columns`, `of_moves`,
                  `of_outcomes` make them
"""

from seglib.catalogue.front_doors import front_door

__all__, __getattr__ = front_door(
    __name__,
    {
        "identity": ("identities", "nearness"),
        "segments": ("without_small", "sizes_now", "centres"),
        "flows": ("movements", "migration", "at_risk", "moved_overall"),
        "history": ("Past", "runs", "path", "a_year_before", "mix_as_a_year_ago"),
        "refitting": ("Plan", "Usual", "refit", "usual"),
        "comparison": ("Compared", "succession", "holding"),
        "alarms": (
            "alerts:table",
            "of_verdict",
            "of_drift",
            "of_volumes",
            "of_columns",
            "of_moves",
            "of_outcomes",
            "word",
        ),
        "campaign_results": ("contacts", "outcomes", "learned", "calibration"),
        "periods": ("success", "Record", "VIEWS"),
        "realised": ("since_first", "Money"),
        "distributions": ("Limits", "drift", "volumes"),
        "judging": ("Evidence", "agreement", "verdict"),
    },
)
