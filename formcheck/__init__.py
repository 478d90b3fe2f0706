"""formcheck watches a fit-ball back routine, counts what happened and says what it could not see."""

__version__ = "0.1.0"
