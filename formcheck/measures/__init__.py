"""Measures: one number per frame each, in a named unit, NaN when it cannot be known."""
