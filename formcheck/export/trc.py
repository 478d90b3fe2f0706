"""The landmarks in space as a TRC file for OpenSim: of one camera, and metric only where the ball gives the scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.measures.gate import LandmarkGate
from formcheck.poselog import PoseLog
from formcheck.skeleton import INDEX, LANDMARKS
from formcheck.types import Pose
from formcheck.whole_files import whole_file

NOT_METRIC: Final = "monocular estimate, NOT METRIC: lengths are those of an average body"
BY_BALL: Final = "monocular estimate, scaled by a ball of {:g} cm (factor {:.3f}); depth is the weakest axis"
LEAST_BALL_FRAMES: Final = 15  # half a second at 30 a second; the median of fewer is chance
_TO_OPENSIM: Final = (1.0, -1.0, -1.0)  # x picture-right, y up, z towards the camera; right-handed as before


def write_trc(path: Path, log: PoseLog, ball_cm: float | None = None) -> str:
    """Write the landmarks in metres, origin in the middle of the hips; what is hidden is an empty field.

    Args:
        path: where the file shall stand.
        log: poses of the recording.
        ball_cm: diameter of the ball in the picture; None: not known.

    Returns:
        What the file's first line says of its lengths.

    Raises:
        ExportError: the file cannot be written.
    """
    mark, factor = NOT_METRIC, None
    if ball_cm is not None and (factor := ball_scale(log, ball_cm)) is not None:
        mark = BY_BALL.format(ball_cm, factor)
    with whole_file(path) as part, part.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(_header(path.name, log, mark))
        file.writelines(_rows(log, factor or 1.0))
    return mark


def ball_scale(log: PoseLog, ball_cm: float) -> float | None:
    """By what the landmarks' metres must be multiplied to be true; None where ball and trunk were seen too rarely.

    The ball touches the body, so that both lie equally far from the camera: pixels over centimetres of the ball
    against pixels over estimated metres of the trunk.
    """
    factors = []
    for pose in log:
        if pose.ball is None or not pose.ball.is_seen:
            continue
        ball_px = math.sqrt(pose.ball.width_px * pose.ball.height_px)  # a loaded ball is wider than high
        trunk_px, trunk_m = _trunk(pose.xy_px), _trunk(pose.world_m[:, :2].astype(np.float64))
        if ball_px > 0 and trunk_m > 0 and math.isfinite(trunk_px):
            factors.append(ball_cm / 100 / ball_px * trunk_px / trunk_m)
    return float(np.median(factors)) if len(factors) >= LEAST_BALL_FRAMES else None


def _trunk(points: npt.NDArray[np.float64]) -> float:
    """Length from the middle of the hips to that of the shoulders, in the picture plane."""
    shoulder, hip = (
        (points[INDEX[f"left_{joint}"]] + points[INDEX[f"right_{joint}"]]) / 2 for joint in ("shoulder", "hip")
    )
    return float(np.hypot(*(shoulder - hip)))


def _header(name: str, log: PoseLog, mark: str) -> Iterator[str]:
    steps = np.diff(log.time_s)
    rate = f"{1 / np.median(steps):.6g}" if len(steps) else "1"
    keys = ("DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units")
    values = (rate, rate, len(log), len(LANDMARKS), "m", rate, 1, len(log))
    plain_name = name.encode("ascii", "replace").decode()
    yield f"PathFileType\t4\t(X/Y/Z)\t{plain_name}\t{mark}\n"
    yield "\t".join((*keys, "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames")) + "\n"
    yield "\t".join(map(str, values)) + "\n"
    yield "Frame#\tTime\t" + "\t\t\t".join(LANDMARKS) + "\t\t\n"
    yield "\t\t" + "\t".join(f"{axis}{n}" for n in range(1, len(LANDMARKS) + 1) for axis in "XYZ") + "\n"
    yield "\n"


def _rows(log: PoseLog, factor: float) -> Iterator[str]:
    gate = LandmarkGate()
    for number, pose in enumerate(log, 1):
        cells = [""] * (3 * len(LANDMARKS))
        if pose.is_person:
            cells = _cells(pose, gate.states(pose) > 0, factor)
        else:
            gate.reset()
        yield "\t".join((str(number), f"{pose.time_s:.6f}", *cells)) + "\n"


def _cells(pose: Pose, is_seen: npt.NDArray[np.bool_], factor: float) -> list[str]:
    points = pose.world_m.astype(np.float64) * _TO_OPENSIM * factor
    known = is_seen[:, None] & np.isfinite(points)
    return [f"{x:.5f}" if ok else "" for x, ok in zip(points.flat, known.flat, strict=True)]
