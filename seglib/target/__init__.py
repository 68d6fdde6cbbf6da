"""05: which segments to target, and what to do for each."""
