"""What a pose is worth and what is measured in it, worked out once however many exercises ask."""

from __future__ import annotations

import math

from formcheck.filters import is_same_moment
from formcheck.measures.body import Body, BodyTracker
from formcheck.measures.catalogue import Measure
from formcheck.measures.integrity import IntegrityMonitor, Verdict
from formcheck.measures.standpoint import Standpoints
from formcheck.measures.steadied import steadied
from formcheck.types import Pose, ViewLine

ANOTHER_PICTURE_S = 2.0  # who comes back after this long may stand elsewhere, and otherwise


class Senses:
    """Integrity, body and measures of the newest pose.

    Engines that share one must all be given the same poses in the same order.
    """

    def __init__(self, view_by: ViewLine = "shoulders") -> None:
        self._integrity = IntegrityMonitor()
        self._bodies = BodyTracker(view_by)
        self._standpoints = Standpoints(view_by)
        self._time_s = math.nan
        self._seen_s = math.nan
        self._pose: Pose | None = None
        self._verdict: Verdict = "nobody"
        self._body: Body | None = None
        self._values: dict[str, float] = {}

    def take(self, pose: Pose) -> tuple[Verdict, Body | None]:
        """The verdict on a pose and the body in it; None where there is none or it has slipped.

        A pose at the time of the last one changes nothing: how fast it came to be is not known.
        """
        if pose is self._pose or is_same_moment(self._time_s, pose.time_s):
            return self._verdict, self._body
        self._pose, self._time_s = pose, pose.time_s
        self._values.clear()
        pose = steadied(pose)
        self._verdict = self._integrity.check(pose, self._bodies.torso_px).verdict
        if self._verdict == "cut" or (pose.is_person and pose.time_s - self._seen_s > ANOTHER_PICTURE_S):
            self._bodies.cut()
            self._standpoints.cut()
        if pose.is_person:
            self._seen_s = pose.time_s
        # Landmarks that are exchanged or elsewhere for a moment would drag the smoothed ones along.
        is_usable = pose.is_person and self._verdict not in ("swapped", "slipped")
        self._body = self._bodies.update(pose) if is_usable else None
        if is_usable:
            self._standpoints.take(pose)
        return self._verdict, self._body

    @property
    def standpoint(self) -> int | None:
        """Number of the place from where the camera looks; the same number is the same place. None = not known."""
        return self._standpoints.number

    def read(self, measure: Measure) -> float:
        """A measure of the newest pose's body, which there must be; NaN = unknown."""
        assert self._body is not None
        if measure.name not in self._values:
            self._values[measure.name] = measure.read(self._body)
        return self._values[measure.name]
