"""Customer segmentation: from customer data to a targeting decision.

A notebook imports the packages of its stage by name; `open_run` gives it its run.
"""

from typing import Any

__all__ = ["Run", "open_run"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for, so that the command line answers at once."""
    if name == "open_run":
        from seglib.project.opening import open_run

        return open_run
    if name == "Run":
        from seglib.project.run import Run

        return Run
    raise AttributeError(f"module 'seglib' has no attribute {name!r}")
