"""The sample clips by name."""

from . import floor, foundation, prone, seated, supine

CLIPS = {build.__name__: build for module in (foundation, seated, prone, supine, floor) for build in module.BUILDERS}
