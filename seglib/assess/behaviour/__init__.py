"""How segments buy, stay, leave and rate."""
