"""Names and portraits from profiles."""
