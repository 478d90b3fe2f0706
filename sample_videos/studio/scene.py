"""What both renderers share: people's colours, camera, room, and the interface they implement."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

MAT_CENTER, MAT_SIZE = (0, 0, 0.004), (0.66, 1.85, 0.008)


@dataclass(frozen=True)
class Look:
    """How one person is coloured and dressed. Colours 0..255; beard 0..1.

    sleeve_end: where the sleeve stops, in upper arm lengths from the shoulder (0.6 short, 1.7 long).
    leg_end_m: height above the sole where the leggings stop (0.105 ankle, 0.5 above the knee).
    stripes_m: width of the shirt's stripes; 0: plain. folds: how much its shade varies, 0..1.
    loose_m: extra distance between skin and shirt. hem_m: how far the shirt hangs below the pelvis joint.
    """

    skin: tuple
    hair: tuple
    shirt: tuple
    leggings: tuple
    beard: float = 0.0
    sleeve_end: float = 0.62
    leg_end_m: float = 0.105
    loose_m: float = 0.0
    hem_m: float = 0.05
    stripes_m: float = 0.0
    folds: float = 0.0


@dataclass(frozen=True)
class Camera:
    """A level pinhole camera that looks at `target` (metres).

    azimuth_deg: 0 from the front (-y), 90 from the person's left (+x). The room and its lights turn with the
    azimuth, so every view has the same background and the same light.
    """

    azimuth_deg: float
    distance_m: float  # horizontal distance from the target
    height_m: float
    target: tuple
    hfov_deg: float = 58.0

    def position(self):
        a = math.radians(self.azimuth_deg)
        return np.array(
            [
                self.target[0] + self.distance_m * math.sin(a),
                self.target[1] - self.distance_m * math.cos(a),
                self.height_m,
            ]
        )

    def projection(self, size_wh):
        """(3, 4) matrix P = K [R|t]: pixel = P @ (x, y, z, 1), then divide. Pixels as in images, y down."""
        width, height = size_wh
        forward = np.array(self.target, float) - self.position()
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1])
        right /= np.linalg.norm(right)
        rotation = np.stack([right, np.cross(forward, right), forward])
        focal = 0.5 * width / math.tan(math.radians(self.hfov_deg) / 2)
        intrinsics = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
        return intrinsics @ np.column_stack([rotation, -rotation @ self.position()])


def project(projection, points):
    """(n, 3) metres -> (n, 2) pixels."""
    h = np.column_stack([points, np.ones(len(points))]) @ projection.T
    return h[:, :2] / h[:, 2:]


@dataclass(frozen=True)
class RoomBox:
    """An axis-aligned box before the room turns with the camera; `material` is one of render_cycles.py."""

    material: str
    center: tuple
    size: tuple
    rgb: tuple
    bevel_m: float = 0.0


@dataclass(frozen=True)
class Room:
    """Colours, furniture and light of one room. light: factor on every lamp; warm: -1 cool .. +1 warm."""

    wall_rgb: tuple = (214, 208, 196)
    floor_rgb: tuple = (176, 138, 100)
    mat_rgb: tuple = (60, 110, 120)
    ball_rgb: tuple = (52, 96, 168)
    art_rgb: tuple = (160, 176, 150)
    wood_rgb: tuple = (120, 84, 54)
    cabinet_x: float = -2.2
    picture_x: float = 1.3
    plant_x: float | None = 2.5
    lamp_x: float | None = None
    light: float = 1.0
    warm: float = 0.0

    def boxes(self):
        """[RoomBox, ...] of floor, walls, skirting boards, cabinet, picture and floor lamp."""
        side_wall = tuple(int(0.96 * c) for c in self.wall_rgb)
        x, p = self.cabinet_x, self.picture_x
        boxes = [
            RoomBox("floor", (0, 0, -0.05), (9, 9, 0.1), self.floor_rgb),
            RoomBox("wall", (0, 2.3, 1.75), (9, 0.1, 3.7), self.wall_rgb),
            RoomBox("wall", (-3.6, 0, 1.75), (0.1, 9, 3.7), side_wall),
            RoomBox("plain", (0, 2.235, 0.05), (9, 0.03, 0.1), (238, 236, 232)),
            RoomBox("plain", (-3.535, 0, 0.05), (0.03, 9, 0.1), (238, 236, 232)),
            RoomBox("wood", (x, 2.02, 0.4), (1.3, 0.45, 0.8), self.wood_rgb, bevel_m=0.01),
            RoomBox("plain", (x, 1.79, 0.4), (0.012, 0.01, 0.74), (40, 30, 22)),
            RoomBox("plain", (x - 0.25, 2.02, 0.9), (0.3, 0.2, 0.2), (190, 120, 70)),
            RoomBox("plain", (x + 0.35, 2.02, 0.93), (0.1, 0.1, 0.26), (230, 226, 216)),
            RoomBox("plain", (p, 2.24, 1.55), (0.8, 0.03, 0.55), (48, 44, 40)),
            RoomBox("art", (p, 2.22, 1.55), (0.7, 0.02, 0.45), self.art_rgb),
        ]
        if self.lamp_x is not None:
            boxes += [
                RoomBox("plain", (self.lamp_x, 1.95, 0.02), (0.28, 0.28, 0.04), (40, 40, 42)),
                RoomBox("plain", (self.lamp_x, 1.95, 0.75), (0.03, 0.03, 1.5), (40, 40, 42)),
                RoomBox("plain", (self.lamp_x, 1.95, 1.6), (0.34, 0.34, 0.36), (244, 232, 205), bevel_m=0.03),
            ]
        return boxes


class Renderer(Protocol):
    """A renderer draws one person in one fixed view."""

    def prepare(self, meshes, look, room, skin_png, camera):
        """Build room, ball and person (meshes: PersonMeshes, look: Look) once, and place the camera."""

    def render(self, coords, ball_center, ball_radii):
        """One frame as (H, W, 3) float, 0..255. coords: PersonMeshes.coordinates(); ball: metres."""


def make_renderer(name, size_wh, work_dir, samples=4, threads=2):
    """'vtk', 'plain' (VTK without shadows) or 'cycles'. Imported on demand: no library is needed for the other."""
    if name in ("vtk", "plain"):
        from .render_vtk import VtkRenderer

        return VtkRenderer(size_wh, shadows=name == "vtk")
    if name == "cycles":
        from .render_cycles import CyclesRenderer

        return CyclesRenderer(size_wh, work_dir, samples, threads)
    raise ValueError(f"unknown renderer {name!r}; choose vtk, plain or cycles")


def add_camera_noise(image, seed, luma=1.8, chroma=1.2):
    """Seeded Gaussian sensor noise (standard deviations in grey levels); returns uint8."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, image.shape[:2])[..., None] * luma + rng.normal(0, chroma, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)
