"""The sample clips by name."""

from . import foundation, prone, seated, supine

CLIPS = {build.__name__: build for module in (foundation, seated, prone, supine) for build in module.BUILDERS}
