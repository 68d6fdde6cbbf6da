"""Declarations that all stages read: kinds of source, stages, tables."""
