"""The sample clips by name."""

from . import floor, foundation, foundation_faults, mixed, prone, seated, supine

MODULES = (foundation, foundation_faults, seated, prone, supine, floor, mixed)
CLIPS = {build.__name__: build for module in MODULES for build in module.BUILDERS}
