"""Decide: what the mechanisms do, what matters, what can be had."""
