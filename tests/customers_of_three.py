"""A small table of customers in three segments, and its catalogue."""

from __future__ import annotations

import numpy as np
import pandas as pd


def catalogue_of(**levels: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "feature": f,
                "label": f.capitalize(),
                "level": level,
                "unit": "",
                "segmentation": True,
                "high": f"high {f}" if level == "ratio" else "",
                "low": f"low {f}" if level == "ratio" else "",
            }
            for f, level in levels.items()
        ]
    )


def described(seed: int = 0, n: int = 400) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    segments = pd.Series(rng.integers(1, 4, n))
    features = pd.DataFrame(
        {
            "spend": rng.normal(segments == 1, 0.3),
            "age": rng.normal(size=n),
            "town": np.where(segments == 2, "york", rng.choice(["bath", "hull"], n)),
            "member": np.where(segments == 3, "Yes", "No"),
        }
    )
    return features, segments, catalogue_of(spend="ratio", age="ratio", town="nominal", member="binary")
