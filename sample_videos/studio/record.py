"""Renders posed frames and encodes them."""

import subprocess

import numpy as np
from PIL import Image

from . import scene
from .breathing import Swelling
from .meshes import PersonMeshes
from .paint import paint_skin
from .posing import skinned

STILL_PX = 0.35  # while no landmark moved further than this since the last rendered frame, it is shown again


def open_encoder(path, size_wh, fps, crf, group=None):
    """Start ffmpeg for raw RGB frames on stdin; one thread and bitexact flags keep the bytes reproducible."""
    width, height = size_wh
    command = [
        "ffmpeg",
        "-y",
        "-v",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{width}x{height}",
        "-r",
        str(fps),
        "-i",
        "-",
        "-c:v",
        "libx264",
        "-preset",
        "medium",
        "-crf",
        str(crf),
        "-pix_fmt",
        "yuv420p",
        "-g",
        str(group or 2 * fps),
        "-threads",
        "1",
        "-fflags",
        "+bitexact",
        "-flags:v",
        "+bitexact",
        "-map_metadata",
        "-1",
        "-movflags",
        "+faststart",
        str(path),
    ]
    return subprocess.Popen(command, stdin=subprocess.PIPE)


def skin_texture(clip, body, work_dir):
    """Paint the skin once per clip and keep it in the work folder."""
    path = work_dir / f"skin_{clip.name}.png"
    if not path.exists():
        paint_skin(body, path, clip.look.skin, clip.look.hair, clip.look.beard)
    return path


def prepared_renderer(clip, body, meshes, name, work_dir, samples, threads):
    """A renderer with room, person and camera in place."""
    renderer = scene.make_renderer(name, clip.render_wh or clip.size_wh, work_dir, samples, threads)
    renderer.prepare(meshes, clip.look, clip.room, skin_texture(clip, body, work_dir), clip.camera)
    return renderer


def render_frames(clip, body, posed, renderer, meshes):
    """Yield (H, W, 3) float images, 0..255."""
    projection = clip.camera.projection(clip.size_wh)
    shown_uv, image = None, None
    swelling = Swelling(body, clip.breathing) if posed.breath is not None else None
    for i, (vertices, _) in enumerate(skinned(body, posed.rotations, posed.pelvis)):
        uv = scene.project(projection, posed.landmarks[i])
        center, radii = posed.balls[i]
        if swelling is not None:
            vertices = swelling.push(vertices, posed.rotations[i], posed.breath[i])
        if shown_uv is None or swelling is not None or np.abs(uv - shown_uv).max() > STILL_PX:
            image, shown_uv = enlarged(renderer.render(meshes.coordinates(vertices), center, radii), clip.size_wh), uv
        yield image


def enlarged(image, size_wh):
    """The picture in the clip's size, (H, W, 3) float."""
    if image.shape[1::-1] == size_wh:
        return image
    small = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    return np.asarray(small.resize(size_wh, Image.BICUBIC), np.float32)


def write_video(path, clip, images, noise_seed=1000):
    """Add sensor noise and encode."""
    encoder = open_encoder(path, clip.size_wh, clip.fps, clip.crf, clip.group)
    for i, image in enumerate(images):
        encoder.stdin.write(scene.add_camera_noise(image, noise_seed + i, 1.8 * clip.noise, 1.2 * clip.noise).tobytes())
    encoder.stdin.close()
    if encoder.wait() != 0:
        raise RuntimeError(f"ffmpeg failed on {path}")


def record_clip(clip, body, posed, path, renderer_name, work_dir, samples, threads):
    """Render the whole clip into the mp4 at `path`."""
    meshes = PersonMeshes(body, clip.look)
    renderer = prepared_renderer(clip, body, meshes, renderer_name, work_dir, samples, threads)
    write_video(path, clip, render_frames(clip, body, posed, renderer, meshes))
