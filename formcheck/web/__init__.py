"""The live page and its server: on this computer only, for one person at a time."""
