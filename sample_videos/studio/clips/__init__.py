"""The sample clips by name."""

from . import breath, clean, floor, foundation, foundation_faults, mixed, prone, seated, supine

MODULES = (foundation, foundation_faults, seated, prone, supine, floor, clean, mixed, breath)
CLIPS = {build.__name__: build for module in MODULES for build in module.BUILDERS}
