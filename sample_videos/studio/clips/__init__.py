"""The sample clips by name."""

from . import breath, clean, floor, foundation, foundation_faults, hollow, mixed, prone, seated, supine

MODULES = (foundation, foundation_faults, seated, prone, hollow, supine, floor, clean, mixed, breath)
CLIPS = {build.__name__: build for module in MODULES for build in module.BUILDERS}
