"""What a clip is: who, where, seen from where, and what they do."""

from collections.abc import Callable
from dataclasses import dataclass

from ..breathing import Breathing
from ..motion import Script
from ..scene import Camera, Look, Room


@dataclass(frozen=True)
class Clip:
    """Everything that makes one clip. `figure` turns the script's channels into a pose.

    frames: how the script is posed, if not by posing.pose_frames.
    breathing: how the person breathes and sways; None: as motion.with_idle_motion has it, without a truth.
    noise: standard deviation of the sensor noise, times the usual.
    group: frames from one key frame to the next; None: two seconds.
    render_wh: size at which Cycles draws; the picture is then enlarged to size_wh, which is soft like a cheap webcam.
    """

    name: str
    exercise: str | None
    view: str
    body: str
    look: Look
    room: Room
    camera: Camera
    script: Script
    figure: Callable
    fps: int = 15
    rounds: int | None = None
    size_wh: tuple = (640, 480)
    crf: int = 23
    render_wh: tuple | None = None
    frames: Callable | None = None
    breathing: Breathing | None = None
    noise: float = 1.0
    group: int | None = None
