"""Command line: python -m studio render NAME | truth NAME | stills NAME --at 1.5 4.0."""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from .body import Body
from .clips import CLIPS
from .meshes import PersonMeshes
from .posing import pose_frames
from .record import prepared_renderer, record_clip, render_frames
from .truth import write_checksum, write_truth


def parse_args():
    parser = argparse.ArgumentParser(prog="python -m studio", description="Render the sample clips with exact truth.")
    parser.add_argument("job", choices=("render", "truth", "stills"))
    parser.add_argument("name", choices=CLIPS)
    parser.add_argument("--renderer", choices=("vtk", "plain", "cycles"), default="vtk")
    parser.add_argument("--out", type=Path, default=Path("out"))
    parser.add_argument("--at", type=float, nargs="+", default=[0.0], metavar="S", help="times of the stills, seconds")
    parser.add_argument("--scale", type=int, default=1, help="picture size of stills in units of the clip's")
    parser.add_argument("--samples", type=int, default=4, help="Cycles samples per pixel")
    parser.add_argument("--fps", type=int, help="another frame rate than the clip's")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def make_stills(clip, body, args, work_dir):
    """One PNG per time."""
    clip = replace(clip, size_wh=tuple(args.scale * side for side in clip.size_wh))
    meshes = PersonMeshes(body, clip.look)
    renderer = prepared_renderer(clip, body, meshes, args.renderer, work_dir, args.samples, args.threads)
    times_s = [0.0, *args.at]  # the first pose helps the contact search to find the others
    images = render_frames(clip, body, pose_frames(body, clip, times_s), renderer, meshes)
    for t_s, image in list(zip(times_s, images, strict=True))[1:]:
        path = args.out / f"{clip.name}_{args.renderer}_{t_s:05.2f}.png"
        Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(path)
        print(path)


def make_clip(clip, body, args, work_dir):
    """Truth first, then the video and its checksum."""
    start = time.time()
    times_s = np.arange(round(clip.script.duration_s * clip.fps)) / clip.fps
    posed = pose_frames(body, clip, times_s)
    write_truth(args.out / clip.name, clip, posed, args.renderer)
    if args.job == "truth":
        return
    path = args.out / f"{clip.name}.mp4"
    record_clip(clip, body, posed, path, args.renderer, work_dir, args.samples, args.threads)
    write_checksum(path)
    print(f"{path}: {len(times_s)} frames, {path.stat().st_size / 1000:.0f} kB, {time.time() - start:.0f} s")


def main():
    args = parse_args()
    clip = CLIPS[args.name]()
    if args.fps:
        clip = replace(clip, fps=args.fps)
    work_dir = args.out / "scratch" / args.name  # Cycles writes files of fixed names: one folder per clip
    work_dir.mkdir(parents=True, exist_ok=True)
    body = Body(clip.body, args.threads)
    job = make_stills if args.job == "stills" else make_clip
    job(clip, body, args, work_dir)


if __name__ == "__main__":
    main()
