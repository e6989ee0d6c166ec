"""Caudal."""
