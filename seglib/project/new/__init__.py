"""A params file from tables."""
