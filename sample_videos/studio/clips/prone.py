"""Clips of the other movements over the ball: face down, and kneeling before it."""

BUILDERS = ()
