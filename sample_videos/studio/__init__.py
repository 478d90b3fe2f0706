"""The studio: renders the sample clips of a person on a fit ball, with exact truth. See README.md."""
