"""Clips of the other movements that are done sitting on the ball."""

BUILDERS = ()
