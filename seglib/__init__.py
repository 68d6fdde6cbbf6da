"""Customer segmentation: from customer data to a targeting decision.

A notebook imports what it calls by name; `open_run` gives it its run.
"""

from seglib.project.run import Run, open_run

__all__ = ["Run", "open_run"]
__version__ = "0.1.0"
