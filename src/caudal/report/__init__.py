"""Explain: tables, figures and the report."""
