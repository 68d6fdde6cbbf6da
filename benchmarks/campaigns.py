"""Campaigns that are simulated: how often the effect that a plan promises to show is detected.

`python benchmarks/campaigns.py` writes benchmarks/results/campaigns.md. Each campaign assigns its customers by hash,
draws who responds, and tests the two shares; a plan holds if 80 % of its campaigns are significant.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from seglib.implement import holdouts, power

CAMPAIGNS = 1000
DESIGNS = [
    (0.02, 20_000, 0.1),
    (0.05, 10_000, 0.1),
    (0.05, 10_000, 0.5),
    (0.15, 4_000, 0.1),
    (0.15, 4_000, 0.3),
    (0.30, 2_000, 0.2),
]


def detected(rate: float, customers: int, share: float, seed: int) -> tuple[float, float]:
    """Give the shares of simulated campaigns that detect the smallest visible effect, by test and by interval."""
    rng, ids = np.random.default_rng(seed), pd.Series([f"C{i}" for i in range(customers)])
    hits, intervals = 0, 0
    effect = power.visible(rate, customers * (1 - share), customers * share)
    for campaign in range(CAMPAIGNS):
        held = holdouts.buckets(ids, f"study/{campaign}") < round(share * holdouts.BUCKETS)
        n, m = int((~held).sum()), int(held.sum())
        ones, others = rng.binomial(n, rate + effect), rng.binomial(m, rate)
        hits += proportions_ztest([ones, others], [n, m])[1] < 0.05
        intervals += confint_proportions_2indep(ones, n, others, m, method="newcomb")[0] > 0
    return hits / CAMPAIGNS, intervals / CAMPAIGNS


def main() -> None:
    lines = [
        f"{CAMPAIGNS:,} simulated campaigns each, customers assigned by hash. Promised: 80 % by the z-test of two "
        "shares at 5 % (variance pooled); beside it Newcombe's interval, which page 04 shows.",
        "",
        "| response without contact | customers | held out | smallest visible effect | detected | by Newcombe's interval |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for seed, (rate, customers, share) in enumerate(DESIGNS):
        effect = power.visible(rate, customers * (1 - share), customers * share)
        tested, interval = detected(rate, customers, share, seed)
        lines.append(
            f"| {rate:.0%} | {customers:,} | {share:.0%} | {effect:.2%} | {tested:.1%} | {interval:.1%} |"
        )
        print(lines[-1], flush=True)
    path = Path(__file__).parent / "results" / "campaigns.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
