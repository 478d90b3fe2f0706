"""The sample clips by name."""

from . import floor, foundation, mixed, prone, seated, supine

MODULES = (foundation, seated, prone, supine, floor, mixed)
CLIPS = {build.__name__: build for module in MODULES for build in module.BUILDERS}
