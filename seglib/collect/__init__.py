"""01: from sources to one row per customer."""
