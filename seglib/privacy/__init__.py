"""Consent, personal data, protected attributes, disclosure control."""
