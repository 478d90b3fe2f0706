"""The sample clips by name."""

from . import floor, foundation, mixed, prone, seated, supine

CLIPS = {build.__name__: build for module in (foundation, seated, prone, supine, floor, mixed) for build in module.BUILDERS}
