"""02: patterns before any segment."""
