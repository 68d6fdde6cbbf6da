"""01: from sources to one row per customer.

- `inventory` lists the sources, and how they were read.
- `personal_columns` lists the columns that identify customers, and how they were treated.
- `select_eligible` selects the customers and rows that can be used, and accounts for all others.
- `main_source` returns the source whose rows pass the most rules.
- `build_features` joins everything that is known of a customer into one row.
- `missing_per_column` measures the quality of every feature.
"""

from seglib.catalogue.front_doors import front_door

__all__, __getattr__ = front_door(
    __name__,
    {
        "build": ("build_features", "inventory", "main_source", "missing_per_column", "personal_columns"),
        "eligible": ("select_eligible",),
    },
)
