"""The good-looking renderer: Blender's Cycles on the CPU through `pip install bpy`, with OpenImageDenoise.

Plate trick: the empty room is rendered once; per frame only the bounding box of person, ball and their floor
shadow is rendered and feathered over that plate.
"""

import contextlib
import math
import os
import sys

import bpy
import numpy as np
from mathutils import Matrix, Vector
from PIL import Image

from . import scene

PLATE_SAMPLES = 32
CROP_MARGIN_PX, FEATHER_PX = 46, 32
AREA_LIGHTS = (  # position, target, side of the square (m), power (W), colour
    ((-2.6, -3.0, 2.6), (0, 0, 0.5), 1.6, 95, (1, 0.96, 0.90)),  # the window, front left
    ((2.8, -2.2, 2.3), (0, 0, 0.6), 2.2, 45, (0.90, 0.95, 1)),  # fill
    ((0, -0.3, 2.68), (0, 0, 0), 1.2, 45, (1, 0.97, 0.92)),  # ceiling
)
PLANT_Y = 1.9
SKY_RGB, SKY_STRENGTH = (0.85, 0.92, 1), 0.35


class CyclesRenderer:
    """Implements scene.Renderer. One instance at a time: Blender keeps one global scene."""

    def __init__(self, size_wh, work_dir, samples=4, threads=2):
        self.size_wh = size_wh
        self.work_dir = work_dir.resolve()
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = bpy.context.scene
        configure_cycles(self.scene, size_wh, samples, threads)

    def prepare(self, meshes, look, room, skin_png, camera):
        self.projection = camera.projection(self.size_wh)
        turn = Matrix.Rotation(math.radians(camera.azimuth_deg), 4, "Z")
        furniture = build_room(room) + build_lights(room)
        bpy.context.view_layer.update()
        for item in furniture:  # keeps the background behind the person in every view
            item.matrix_basis = turn @ item.matrix_basis
        build_mat(room.mat_rgb)
        self.ball = build_ball(room.ball_rgb)
        self.person = build_person(meshes, look, skin_png)
        place_camera(camera)
        self.plate = self._render_plate()

    def render(self, coords, ball_center, ball_radii):
        self.ball.location, self.ball.scale = ball_center, ball_radii
        for name, item in self.person.items():
            item.data.vertices.foreach_set("co", np.ascontiguousarray(coords[name], np.float32).ravel())
            item.data.update()
        return self._render_over_plate(self._moving_box(coords, ball_center, ball_radii))

    def _render_plate(self):
        """The room without person and ball, (H, W, 3) float."""
        moving = [self.ball, *self.person.values()]
        samples = self.scene.cycles.samples
        for item in moving:
            item.hide_render = True
        self.scene.cycles.samples = PLATE_SAMPLES
        plate = self._render_file("plate.png")
        self.scene.cycles.samples = samples
        for item in moving:
            item.hide_render = False
        return plate

    def _moving_box(self, coords, ball_center, ball_radii):
        """(x0, y0, x1, y1) pixels round person, ball and their projection onto the floor (shadows)."""
        corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * 0.85
        points = np.concatenate([coords["body"][::7], coords["shirt"][::7], ball_center + corners * ball_radii])
        on_floor = points * [1, 1, 0]
        uv = scene.project(self.projection, np.concatenate([points, on_floor]))
        low = np.maximum((uv.min(0) - CROP_MARGIN_PX).astype(int), 0)
        high = np.minimum((uv.max(0) + CROP_MARGIN_PX).astype(int), self.size_wh)
        return *low, *high

    def _render_over_plate(self, box):
        """Render the box only and blend it over the plate with feathered edges."""
        width, height = self.size_wh
        x0, y0, x1, y1 = box
        settings = self.scene.render
        settings.use_border = settings.use_crop_to_border = True
        settings.border_min_x, settings.border_max_x = x0 / width, x1 / width
        settings.border_min_y, settings.border_max_y = (
            1 - y1 / height,
            1 - y0 / height,
        )  # Blender's y points up
        crop = self._render_file("crop.png")[: height - y0, : width - x0]
        settings.use_border = False

        h, w = crop.shape[:2]
        rows, columns = feather(h, y0 == 0, y1 == height), feather(w, x0 == 0, x1 == width)
        alpha = np.minimum(rows[:, None], columns[None])[..., None]
        frame = self.plate.copy()
        frame[y0 : y0 + h, x0 : x0 + w] = frame[y0 : y0 + h, x0 : x0 + w] * (1 - alpha) + crop * alpha
        return frame

    def _render_file(self, name):
        path = self.work_dir / name
        self.scene.render.filepath = str(path)
        with quiet_stdout():
            bpy.ops.render.render(write_still=True)
        return np.asarray(Image.open(path).convert("RGB"), np.float32)


def feather(length, open_start, open_end):
    """(length,) opacity that rises from both ends; an end at the image border (open) stays opaque."""
    ramp = np.minimum(np.arange(length) + 1, np.arange(length)[::-1] + 1)
    if open_start:
        ramp[: length // 2] = FEATHER_PX
    if open_end:
        ramp[length // 2 :] = FEATHER_PX
    return np.clip(ramp / FEATHER_PX, 0, 1)


@contextlib.contextmanager
def quiet_stdout():
    """Blender logs every tile to the file descriptor, so Python's redirect_stdout is not enough."""
    sys.stdout.flush()
    saved, sink = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    try:
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(sink)


def configure_cycles(s, size_wh, samples, threads):
    """Few samples, few bounces, denoised; the seed is fixed."""
    s.render.engine = "CYCLES"
    c = s.cycles
    c.device = "CPU"
    c.seed = 0
    c.samples = samples
    c.use_adaptive_sampling, c.adaptive_threshold = True, 0.03
    c.use_denoising, c.denoiser = True, "OPENIMAGEDENOISE"
    c.denoising_quality, c.denoising_prefilter = "BALANCED", "FAST"
    c.max_bounces, c.diffuse_bounces, c.glossy_bounces, c.transmission_bounces, c.volume_bounces = (
        3,
        2,
        1,
        0,
        0,
    )
    c.caustics_reflective = c.caustics_refractive = False
    c.sample_clamp_indirect, c.blur_glossy, c.use_light_tree = 3, 1, False
    r = s.render
    r.threads_mode, r.threads, r.use_persistent_data = "FIXED", threads, True
    r.resolution_x, r.resolution_y, r.resolution_percentage = *size_wh, 100
    r.image_settings.file_format, r.image_settings.color_mode, r.image_settings.compression = "PNG", "RGB", 15
    s.view_settings.view_transform, s.view_settings.exposure = "Standard", 0
    s.world = bpy.data.worlds.new("sky")
    s.world.use_nodes = True
    background = s.world.node_tree.nodes["Background"]
    background.inputs[0].default_value, background.inputs[1].default_value = (*SKY_RGB, 1), SKY_STRENGTH


# ---- materials
def linear(rgb):
    """SRGB 0..255 to linear 0..1, approximately."""
    return [(c / 255) ** 2.2 for c in rgb]


def new_material(name, rgb, roughness=0.6, specular=0.3):
    """A plain Principled BSDF; returns (material, node tree, shader node)."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*linear(rgb), 1)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Specular IOR Level"].default_value = specular
    return material, tree, shader


def add_mottle(tree, shader, rgb, scale, amount):
    """Vary the base colour by +-amount with object-space noise."""
    coords, noise, ramp = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "TexNoise", "ValToRGB"))
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = scale, 4
    base = np.array(linear(rgb))
    ramp.color_ramp.elements[0].color = (*base * (1 - amount), 1)
    ramp.color_ramp.elements[1].color = (*np.minimum(1, base * (1 + amount)), 1)
    tree.links.new(coords.outputs["Object"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])


def add_bump(tree, shader, height_node, strength, distance=None):
    """Bump from a texture node's 'Fac' output."""
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = strength
    if distance is not None:
        bump.inputs["Distance"].default_value = distance
    tree.links.new(height_node.outputs["Fac"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])


def mottled_material(name, rgb, roughness, specular, scale, amount):
    material, tree, shader = new_material(name, rgb, roughness, specular)
    add_mottle(tree, shader, rgb, scale, amount)
    return material


def shirt_material(rgb):
    material, tree, shader = new_material("shirt", rgb, 0.85, 0.15)
    add_mottle(tree, shader, rgb, 14, 0.10)
    wrinkles = tree.nodes.new("ShaderNodeTexNoise")
    wrinkles.inputs["Scale"].default_value = 26
    add_bump(tree, shader, wrinkles, 0.25)
    return material


def skin_material(skin_png):
    material, tree, shader = new_material("skin", (200, 150, 130), 0.5, 0.35)
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = bpy.data.images.load(str(skin_png.resolve()))
    tree.links.new(texture.outputs[0], shader.inputs["Base Color"])
    return material


def ball_material(rgb):
    """Smooth plastic with faint rings."""
    material, tree, shader = new_material("ball", rgb, 0.38, 0.4)
    coords, rings = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeTexWave")
    rings.wave_type, rings.bands_direction = "BANDS", "X"
    rings.inputs["Scale"].default_value = 9
    tree.links.new(coords.outputs["Object"], rings.inputs["Vector"])
    add_bump(tree, shader, rings, 0.25, distance=0.02)
    return material


def floor_material(rgb, size_m):
    """Planks: bricks for the boards times stretched noise for the grain. Object coordinates span the box."""
    material, tree, shader = new_material("floor", rgb, 0.45)
    coords, metres, planks, stretch, grain, mix = (
        tree.nodes.new(f"ShaderNode{kind}")
        for kind in ("TexCoord", "Mapping", "TexBrick", "Mapping", "TexNoise", "Mix")
    )
    metres.inputs["Scale"].default_value = size_m
    planks.offset, planks.squash = 0.37, 1
    board = np.array(linear(rgb))
    for name, value in {
        "Color1": (*board * 0.80, 1),
        "Color2": (*board * 1.05, 1),
        "Mortar": (*board * 0.40, 1),
        "Mortar Size": 0.003,
        "Scale": 1,
        "Brick Width": 1.5,
        "Row Height": 0.19,
    }.items():
        planks.inputs[name].default_value = value
    stretch.inputs["Scale"].default_value = (1.2, 14, 1)
    grain.inputs["Scale"].default_value, grain.inputs["Detail"].default_value = 1.2, 5
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    mix.inputs["Factor"].default_value = 0.45
    link = tree.links.new
    link(coords.outputs["Object"], metres.inputs["Vector"])
    link(metres.outputs[0], planks.inputs["Vector"])
    link(metres.outputs[0], stretch.inputs["Vector"])
    link(stretch.outputs[0], grain.inputs["Vector"])
    link(planks.outputs["Color"], mix.inputs[6])  # 6, 7: the two colours of an RGBA mix
    link(grain.outputs["Fac"], mix.inputs[7])
    link(mix.outputs[2], shader.inputs["Base Color"])
    return material


def room_material(box):
    if box.material == "floor":
        return floor_material(box.rgb, box.size)
    if box.material == "wall":
        return mottled_material("wall", box.rgb, 0.9, 0.1, 1.3, 0.04)
    if box.material == "wood":
        return mottled_material("wood", box.rgb, 0.5, 0.3, 6, 0.25)
    if box.material == "art":
        return mottled_material("art", box.rgb, 0.6, 0.3, 2.2, 0.8)
    return new_material("plain", box.rgb)[0]


# ---- objects
def add_box(center, size, material, bevel_m=0.0):
    bpy.ops.mesh.primitive_cube_add(size=1, location=center)
    item = bpy.context.object
    item.scale = size
    item.data.materials.append(material)
    if bevel_m:
        bevel = item.modifiers.new("bevel", "BEVEL")
        bevel.width, bevel.segments = bevel_m, 3
    return item


def build_room(room):
    """The room's boxes and its plant; returns the objects."""
    items = [add_box(box.center, box.size, room_material(box), box.bevel_m) for box in room.boxes()]
    return items + ([] if room.plant_x is None else build_plant(room.plant_x, PLANT_Y))


def build_plant(x, y, n_leaves=22, seed=0):
    """A pot with flat ellipsoids as leaves."""
    bpy.ops.mesh.primitive_cylinder_add(radius=0.16, depth=0.3, location=(x, y, 0.15))
    items = [bpy.context.object]
    items[0].data.materials.append(new_material("pot", (196, 188, 178))[0])
    leaf = mottled_material("leaf", (58, 96, 52), 0.5, 0.3, 8, 0.3)
    rng = np.random.default_rng(seed)
    for _ in range(n_leaves):
        heading, rise, length = rng.uniform(0, 6.28), rng.uniform(0.3, 1.2), rng.uniform(0.35, 0.7)
        half = length / 2
        location = (
            x + half * math.cos(heading) * math.cos(rise),
            y + half * math.sin(heading) * math.cos(rise),
            0.32 + half * math.sin(rise),
        )
        bpy.ops.mesh.primitive_uv_sphere_add(segments=10, ring_count=6, radius=1, location=location)
        item = bpy.context.object
        item.scale, item.rotation_euler = (half, 0.05, 0.012), (0, -rise, heading)
        item.data.materials.append(leaf)
        items.append(item)
    return items


def build_lights(room):
    items = []
    for position, target, side_m, power_w, colour in AREA_LIGHTS:
        light = bpy.data.lights.new("area", "AREA")
        light.energy, light.size, light.shape = power_w * room.light, side_m, "SQUARE"
        light.color = (colour[0], colour[1] * (1 - 0.03 * room.warm), colour[2] * (1 - 0.12 * room.warm))
        item = add_object("area", light)
        item.location = position
        item.rotation_euler = look_at(position, target)
        items.append(item)
    return items


def build_mat(rgb):
    material = mottled_material("mat", rgb, 0.85, 0.1, 60, 0.1)
    return add_box(scene.MAT_CENTER, scene.MAT_SIZE, material, bevel_m=0.003)


def build_ball(rgb):
    bpy.ops.mesh.primitive_uv_sphere_add(segments=96, ring_count=64, radius=1)
    ball = bpy.context.object
    bpy.ops.object.shade_smooth()
    ball.data.materials.append(ball_material(rgb))
    return ball


def build_person(meshes, look, skin_png):
    """{part: object}; the coordinates are set per frame. Cloth is subdivided once."""
    materials = {
        "body": skin_material(skin_png),
        "shirt": shirt_material(look.shirt),
        "leggings": mottled_material("leggings", look.leggings, 0.7, 0.2, 20, 0.12),
    }
    items = {}
    for name, part in meshes.parts.items():
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata(np.zeros((len(part.vertex_ids), 3)).tolist(), [], part.faces.tolist())
        mesh.materials.append(materials[name])
        mesh.polygons.foreach_set("use_smooth", [True] * len(part.faces))
        if part.corner_uv is not None:
            mesh.uv_layers.new().data.foreach_set("uv", np.asarray(part.corner_uv, np.float32).ravel())
        items[name] = add_object(name, mesh)
        if name != "body":
            smooth = items[name].modifiers.new("smooth", "SUBSURF")
            smooth.levels = smooth.render_levels = 1
    return items


def place_camera(camera):
    """Same pinhole as scene.Camera.projection()."""
    data = bpy.data.cameras.new("camera")
    data.sensor_width, data.sensor_fit = 36, "HORIZONTAL"
    data.angle = math.radians(camera.hfov_deg)
    item = add_object("camera", data)
    item.location = camera.position()
    item.rotation_euler = look_at(camera.position(), camera.target)
    bpy.context.scene.camera = item


def add_object(name, data):
    item = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(item)
    return item


def look_at(position, target):
    """Euler angles that point an object's -z at the target with its y up."""
    return (Vector(target) - Vector(position)).to_track_quat("-Z", "Y").to_euler()
