"""Single pictures in which a ball is hard to see, or is not there.

    python -m studio.ball_scenes --out DIR [--only NAME ...]

Writes NAME.jpg and scenes.json: {NAME: {"ball": [left, top, right, bottom] of the whole ball in pixels, hidden parts
included, or null; "note": what is hard about it}}.
"""

import argparse
import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from . import ik, render_vtk, scene
from .body import Body
from .clips import CLIPS
from .meshes import PersonMeshes
from .poses import Limb, both
from .posing import skinned
from .record import skin_texture
from .scene import Room

SIZE_WH, QUALITY = (400, 300), 80
AWAY = (0.0, 0.0, -9.0)  # under the floor: nobody sees it
STOOL = ((0, 0.04, 0.27), (0.42, 0.42, 0.54), (150, 112, 78))

PLAIN = Room()
BROWN = Room(wall_rgb=(168, 132, 104), floor_rgb=(112, 84, 64), mat_rgb=(70, 78, 60), ball_rgb=(186, 92, 60), warm=0.6)
GREY = Room(wall_rgb=(176, 178, 180), floor_rgb=(104, 104, 106), mat_rgb=(70, 72, 78), ball_rgb=(150, 154, 162))
GREEN = Room(
    wall_rgb=(150, 170, 140), floor_rgb=(190, 176, 150), mat_rgb=(120, 60, 80), ball_rgb=(206, 190, 70), cabinet_x=1.6,
    picture_x=-0.6, plant_x=-2.0, lamp_x=-2.6,
)  # fmt: skip
PALE = Room(wall_rgb=(206, 198, 186), floor_rgb=(206, 198, 186), mat_rgb=(206, 198, 186), ball_rgb=(206, 198, 186))
HUG = both("arm", Limb(directions=((0.34, -0.62, -0.62), (-0.42, -0.90, 0.02)), frame="chest", pole=(1, 0.2, -0.6)))


@dataclass(frozen=True)
class Scene:
    """One picture: a moment of a clip with changes.

    room, look, camera, pose: fields to replace. ball: (centre, radii) instead of the posed one; AWAY for none.
    boxes: (centre, size, rgb); spheres: (centre, radius, rgb). shine: of the ball, 0-1. lights: one factor a light.
    moving_m: way of the camera's subject while the shutter is open, to the right; dim: share of the light; noise: grey
    levels.
    """

    name: str
    note: str
    clip: str
    at_s: float
    room: Room = PLAIN
    look: dict = field(default_factory=dict)
    camera: dict = field(default_factory=dict)
    pose: dict = field(default_factory=dict)
    ball: tuple | None = None
    boxes: tuple = ()
    spheres: tuple = ()
    shine: float = 0.0
    lights: tuple = (1.0, 1.0)
    blur_px: int = 0
    dim: float = 1.0
    noise: float = 1.8


def stripes(rgb):
    """Bars across the mat."""
    return tuple(((0, y, 0.0085), (0.66, 0.09, 0.001), rgb) for y in np.arange(-0.84, 0.9, 0.2))


def spots(rgb, seed=5):
    """Squares all over the mat, of the ball's colour."""
    at = np.random.default_rng(seed).uniform((-0.3, -0.88), (0.3, 0.88), (60, 2))
    return tuple(((x, y, 0.0085), (0.07, 0.07, 0.001), rgb) for x, y in at)


NO_BALL = (AWAY, (0.3, 0.3, 0.3))
HELD = ((0.0, -0.36, 0.86), (0.27, 0.27, 0.27))
SCENES = (
    Scene("brown_room", "a ball much like wall and wood", "seated_cat_cow", 1.8, BROWN),
    Scene("grey_room", "a grey ball in a grey room", "seated_cat_cow", 4.0, GREY),
    Scene("green_room", "another room, a lamp, a yellow ball", "back_extension", 4.0, GREEN),
    Scene(
        "second_ball", "another ball of another colour behind", "seated_cat_cow", 1.8,
        spheres=(((1.0, 0.95, 0.30), 0.30, (60, 150, 90)),),
    ),
    Scene(
        "twin_ball", "another ball of the same colour close by", "seated_cat_cow", 1.8,
        spheres=(((0.1, 0.78, 0.325), 0.325, PLAIN.ball_rgb),),
    ),
    Scene(
        "twin_before", "another ball of the same colour before the feet", "seated_cat_cow", 1.8,
        spheres=(((0.25, -0.95, 0.30), 0.30, PLAIN.ball_rgb),),
    ),
    Scene("pale_room", "ball, wall, floor and mat of one colour", "seated_cat_cow", 1.8, PALE),
    Scene(
        "wall_coloured", "a ball of the wall's colour", "seated_cat_cow", 1.8,
        Room(ball_rgb=PLAIN.wall_rgb),
    ),
    Scene("mat_coloured", "a ball of the mat's colour", "ball_back_stretch", 2.0, Room(ball_rgb=PLAIN.mat_rgb)),
    Scene(
        "trouser_coloured", "a ball of the leggings' colour under the calves", "relaxation", 8.0,
        Room(ball_rgb=(44, 48, 62)), look={"leggings": (44, 48, 62)},
    ),
    Scene(
        "half_shadow", "a dark shadow over half of it", "seated_cat_cow", 1.8,
        boxes=(((1.2, 0.82, 0.75), (0.9, 0.05, 1.5), (90, 80, 70)),), lights=(0.2, 2.6),
    ),
    Scene("one_lamp", "light from one side alone", "seated_cat_cow", 4.0, GREEN, lights=(1.3, 0.0)),
    Scene(
        "embraced", "held in the arms, on a stool", "seated_cat_cow", 1.8, pose=HUG, ball=HELD, boxes=(STOOL,),
        camera={"azimuth_deg": 60},
    ),
    Scene("cut_off", "a third of it out of the picture", "seated_cat_cow", 1.8, camera={"target": (0, -1.38, 0.66)}),
    Scene(
        "behind", "behind somebody on a stool", "idle_front", 2.0, ball=((0.34, 0.62, 0.32), (0.32, 0.32, 0.32)),
        boxes=(STOOL,),
    ),
    Scene(
        "no_ball_clock", "no ball: a round clock behind the head, a round lamp, a plate", "idle_front", 2.0,
        ball=NO_BALL, boxes=(STOOL,),
        spheres=(((0.1, 0.9, 1.35), 0.30, (226, 226, 220)), ((-0.75, 0.3, 1.15), 0.24, (250, 238, 205))),
    ),
    Scene(
        "no_ball_side", "no ball: somebody on a stool, a lamp globe", "seated_cat_cow", 1.8, BROWN, ball=NO_BALL,
        boxes=(STOOL,), spheres=(((0.2, 0.35, 1.30), 0.25, (246, 236, 205)),),
    ),
    Scene("glossy", "a highlight on it", "seated_cat_cow", 1.8, Room(ball_rgb=(150, 30, 50)), shine=0.9),
    Scene("blurred", "everything moves while the shutter is open", "side_stretch_roll", 4.0, blur_px=12),
    Scene("striped_mat", "bars on the mat", "ball_back_stretch", 2.0, boxes=stripes((220, 214, 200))),
    Scene("spotted_mat", "spots of the ball's colour on the mat", "calf_roll", 3.0, boxes=spots(PLAIN.ball_rgb)),
)  # fmt: skip


@cache
def body_of(name):
    return Body(name, 1)


def sphere_actor(centre, radius, rgb):
    actor = render_vtk.unit_sphere_actor(rgb)
    actor.SetPosition(*centre)
    actor.SetScale(radius, radius, radius)
    return actor


def posed(clip, a_scene):
    """Vertices of the body and (centre, radii) of the ball."""
    body = body_of(clip.body)
    pose = clip.figure(clip.script.state(a_scene.at_s))
    if a_scene.pose:
        pose = replace(pose, limbs={**pose.limbs, **a_scene.pose})
    posture = ik.solve(body, pose, ik.settle(body, pose, None))
    vertices, _ = next(iter(skinned(body, np.array([posture.rotations]), np.array([posture.pelvis]))))
    return vertices, a_scene.ball or ik.ball_shape(pose.ball)


def picture(a_scene, work_dir):
    """(H, W, 3) uint8 RGB and the ball's box in pixels, None without one."""
    clip = CLIPS[a_scene.clip]()
    clip = replace(
        clip,
        size_wh=SIZE_WH,
        room=a_scene.room,
        look=replace(clip.look, **a_scene.look),
        camera=replace(clip.camera, **a_scene.camera),
    )
    vertices, (centre, radii) = posed(clip, a_scene)
    body = body_of(clip.body)
    meshes = PersonMeshes(body, clip.look)
    drawn = render_vtk.VtkRenderer(SIZE_WH)
    drawn.prepare(meshes, clip.look, clip.room, skin_texture(clip, body, work_dir), clip.camera)
    for box in a_scene.boxes:
        drawn.renderer.AddActor(render_vtk.box_actor(*box))
    for sphere in a_scene.spheres:
        drawn.renderer.AddActor(sphere_actor(*sphere))
    if a_scene.shine:
        drawn.ball.GetProperty().SetSpecular(a_scene.shine)
        drawn.ball.GetProperty().SetSpecularPower(40)
    lights = drawn.renderer.GetLights()
    for i, factor in enumerate(a_scene.lights):
        light = lights.GetItemAsObject(i)
        light.SetIntensity(light.GetIntensity() * factor)
    image = drawn.render(meshes.coordinates(vertices), centre, radii)
    box = None if tuple(centre) == AWAY else ball_box(clip.camera.projection(SIZE_WH), centre, radii)
    return filmed(image, a_scene), box


def filmed(image, a_scene):
    """What a camera makes of it: motion, little light, noise."""
    if a_scene.blur_px:
        image = np.mean([np.roll(image, i - a_scene.blur_px // 2, axis=1) for i in range(a_scene.blur_px)], axis=0)
    return scene.add_camera_noise(image * a_scene.dim, 7, luma=a_scene.noise, chroma=0.7 * a_scene.noise)


def ball_box(projection, centre, radii):
    """[left, top, right, bottom] of an ellipsoid in pixels."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 60), np.linspace(0, np.pi, 30))
    unit = np.stack([np.cos(u) * np.sin(v), np.sin(u) * np.sin(v), np.cos(v)], axis=-1).reshape(-1, 3)
    uv = scene.project(projection, np.array(centre) + np.array(radii) * unit)
    return [round(float(value), 1) for value in (*uv.min(axis=0), *uv.max(axis=0))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", metavar="NAME")
    args = parser.parse_args()
    work_dir = args.out / "scratch"
    work_dir.mkdir(parents=True, exist_ok=True)
    path = args.out / "scenes.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    for a_scene in SCENES:
        if args.only and a_scene.name not in args.only:
            continue
        image, box = picture(a_scene, work_dir)
        Image.fromarray(image).save(args.out / f"{a_scene.name}.jpg", quality=QUALITY)
        known[a_scene.name] = {"ball": box, "note": a_scene.note}
        print(a_scene.name, box, flush=True)
    path.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
