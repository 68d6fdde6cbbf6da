"""Params, stages, store, run, pipeline: what knows papermill and disk."""
