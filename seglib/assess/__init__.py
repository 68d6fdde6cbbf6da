"""04: what each segment is, is worth, and responds to."""
