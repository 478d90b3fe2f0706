"""Clips of the movements that are done lying on the back."""

BUILDERS = ()
