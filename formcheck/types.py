"""Values that travel between the layers: frames, poses, and what a renderer may see."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from formcheck.camera_move import CameraMove
from formcheck.skeleton import N_LANDMARKS

N_BACK_POINTS = 9
BACK_SCALE = 4  # a quarter of a pixel: 16 bits reach 8191 px

Array = npt.NDArray[np.float64]
Side = Literal["left", "right"]
Direction = Literal["cw", "ccw"]
View = Literal["side", "oblique", "front", "back", "foot_end", "head_end", "unknown"]
ViewLine = Literal["shoulders", "hips", "thighs"]  # which line tells the view: the one that a movement leaves in place


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a source.

    Attributes:
        index: position in the source, from 0.
        time_s: seconds from the start of the source, strictly increasing.
        image: (H, W, 3) uint8, BGR, upright. Only valid until the next frame is read (buffers are reused).
    """

    index: int
    time_s: float
    image: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Ball:
    """Where the ball is, in pixels of the frame; values that fit into float32, as a pose log keeps them.

    Attributes:
        x_px, y_px: centre of its outline.
        width_px, height_px: of its outline; a loaded ball is wider than high.
        confidence: 0-1, share of its free arc that looks like its edge; 0 where it was looked for and not seen, and
            then the other values are NaN.
    """

    x_px: float
    y_px: float
    width_px: float
    height_px: float
    confidence: float

    @classmethod
    def unseen(cls) -> Ball:
        """Looked for and not seen."""
        return cls(math.nan, math.nan, math.nan, math.nan, 0.0)

    @property
    def is_seen(self) -> bool:
        """Whether its place is known."""
        return self.confidence > 0.0


@dataclass(frozen=True)
class Pose:
    """Landmarks of one person in one frame; left and right are the person's.

    Attributes:
        time_s: seconds from the start of the source.
        landmarks: (33, 3) float32 image-normalised x, y (0-1 over width and height) and z (scale of x,
            smaller = nearer). All NaN where nobody was seen.
        visibility: (33,) float32 in 0-1; NaN where nobody was seen.
        world_m: (33, 3) float32 metres, origin mid-hip, x image-right, y down, z away from the camera.
        size_wh: width and height of the frame in pixels.
        ball: where the ball is, or that it was looked for and not seen; None when nobody looked.
        back_curve_deg: angle of the arc of the back's outline, degrees, + rounded; NaN when not known.
        breath: trace of the breath, torso lengths, and how clearly it is one, 0-1; NaN when not known.
        back_outline: (N_BACK_POINTS, 2) int16 points of the back's outline from shoulder to hip, in 1 / BACK_SCALE
            pixels; None when not known.
        camera: how the camera has moved since the first picture; None when nobody looked.
        in_picture: (33, 2) float32 where the landmarks lie in the picture, as shares of it, if they themselves have
            been moved to where they would lie in the first one; else None.
    """

    time_s: float
    landmarks: npt.NDArray[np.float32]
    visibility: npt.NDArray[np.float32]
    world_m: npt.NDArray[np.float32]
    size_wh: tuple[int, int]
    ball: Ball | None = None
    back_curve_deg: float = math.nan
    breath: float = math.nan
    breath_quality: float = math.nan
    back_outline: npt.NDArray[np.int16] | None = None
    camera: CameraMove | None = None
    in_picture: npt.NDArray[np.float32] | None = None

    @classmethod
    def nobody(cls, time_s: float, size_wh: tuple[int, int]) -> Pose:
        """A frame in which no person was found: every value is NaN."""
        nan3 = np.full((N_LANDMARKS, 3), np.nan, np.float32)
        return cls(time_s, nan3, np.full(N_LANDMARKS, np.nan, np.float32), nan3, size_wh)

    @property
    def is_person(self) -> bool:
        """Whether a person was found in the frame."""
        return bool(np.isfinite(self.landmarks[0, 0]))

    @cached_property
    def xy_px(self) -> Array:
        """(33, 2) pixels, origin top left, y down."""
        return self.xyz_px[:, :2]

    @cached_property
    def xyz_px(self) -> Array:
        """(33, 3) pixels as `xy_px`, with depth on the same scale (that of the width), smaller = nearer."""
        width, height = self.size_wh
        return self.landmarks.astype(np.float64) * (width, height, width)


@dataclass(frozen=True, slots=True)
class Gauge:
    """The driving measure as an instrument: value, axis and target band, all in the measure's unit."""

    label: str
    unit: str
    value: float  # NaN = not known in this frame
    axis: tuple[float, float]
    bands: tuple[tuple[float, float], ...]  # target bands; two for movements with two sides


@dataclass(frozen=True, slots=True)
class HoldClock:
    """The running or last hold."""

    credited_s: float
    target_s: float
    is_running: bool


CueLevel = Literal["safety", "setup", "correction", "praise"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a renderer may know about the moment.

    Attributes:
        title: the movement's name as people read it.
        phase: label of the current phase ("lift", "hold"), None before the first.
        count, count_target: counted so far and the range aimed at; count_label says of what ("repetitions",
            "rounds", "holds").
        progress: 0-1, how far the running repetition is towards its peak; 0 when none runs.
        hold: the clock of a held movement, else None.
        flash: 0-1, 1 at the moment of counting, fading within 0.25 s.
        note: short reason why the last movement was not counted; None when there is none to show.
        cue, cue_level: the one thing to say now.
        fault_segments: names from `skeleton.SEGMENTS` that are at fault now.
        judged_segments: names from `skeleton.SEGMENTS` that the movement judges (drawn thicker).
        not_judged: why nothing is judged now, None when judging.
        limb_state: (33,) uint8: 0 hidden, 1 uncertain, 2 seen.
        ghost_px: (33, 2) the reference laid over the person, pixels; None when there is none to show.
        breaths_s: when the last breaths that were counted ended; None when the movement does not ask for the breath.
        back_neutral_deg: the curve of the back at the person's rest, NaN until it is known; None when the movement
            does not ask for the back.
        form_score: 0-100 against the reference, None when not known; form_parts: the same by limb ("left arm"),
            those that could be seen; form_note: the worst deviation in words.
    """

    time_s: float
    title: str
    phase: str | None = None
    side: Side | None = None
    count: int = 0
    count_target: tuple[int, int] | None = None
    count_label: str = "repetitions"
    progress: float = 0.0
    gauge: Gauge | None = None
    hold: HoldClock | None = None
    flash: float = 0.0
    note: str | None = None
    cue: str | None = None
    cue_level: CueLevel | None = None
    fault_segments: tuple[str, ...] = ()
    judged_segments: tuple[str, ...] = ()
    not_judged: str | None = None
    limb_state: npt.NDArray[np.uint8] = field(default_factory=lambda: np.full(N_LANDMARKS, 2, np.uint8))
    ghost_px: Array | None = None
    form_score: float | None = None
    form_parts: tuple[tuple[str, float], ...] = ()
    form_note: str | None = None
    breaths_s: tuple[float, ...] | None = None
    back_neutral_deg: float | None = None
