"""Lifetime value: histories, models of buying and spending, predictions, calibration, survival."""
