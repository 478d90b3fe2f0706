"""Pose estimators: frame in, pose out. Each is a module of its own; none knows an exercise."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from formcheck.types import Frame, Pose


class PoseEstimator(Protocol):
    """Finds one person's landmarks in each frame of one recording; use it as a context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def estimate(self, frame: Frame) -> Pose:
        """The pose in a frame; `Pose.nobody` when no person is found.

        Frames come in order with strictly increasing times. The frame's image is not kept.

        Raises:
            EstimatorError: the network failed.
        """
        ...
