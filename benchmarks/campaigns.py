"""Campaigns that are simulated: how often the effect that a plan promises to show is detected.

`python benchmarks/campaigns.py` writes benchmarks/results/campaigns.md. Each campaign assigns its customers by hash,
draws who responds, and tests the two shares; a plan holds if 80 % of its campaigns are significant.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import test_proportions_2indep

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


def detected(rate: float, customers: int, share: float, seed: int) -> float:
    """Give the share of simulated campaigns that detect the smallest visible effect."""
    rng, ids = np.random.default_rng(seed), pd.Series([f"C{i}" for i in range(customers)])
    hits = 0
    for campaign in range(CAMPAIGNS):
        held = holdouts.buckets(ids, f"study/{campaign}") < round(share * holdouts.BUCKETS)
        n, m = int((~held).sum()), int(held.sum())
        effect = power.visible(rate, customers * (1 - share), customers * share)
        ones, others = rng.binomial(n, rate + effect), rng.binomial(m, rate)
        hits += test_proportions_2indep(ones, n, others, m, method="wald").pvalue < 0.05
    return hits / CAMPAIGNS


def main() -> None:
    lines = [
        f"{CAMPAIGNS:,} simulated campaigns each, customers assigned by hash, z-test of two shares at 5 %; promised: 80 %",
        "",
        "| response without contact | customers | held out | smallest visible effect | detected |",
        "| --- | --- | --- | --- | --- |",
    ]
    for seed, (rate, customers, share) in enumerate(DESIGNS):
        effect = power.visible(rate, customers * (1 - share), customers * share)
        found = detected(rate, customers, share, seed)
        lines.append(f"| {rate:.0%} | {customers:,} | {share:.0%} | {effect:.2%} | {found:.1%} |")
        print(lines[-1], flush=True)
    path = Path(__file__).parent / "results" / "campaigns.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
