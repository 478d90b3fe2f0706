"""How well breaths are counted in pictures: people who keep still against the breaths they really took.

    python benchmarks/breath.py [--stored] [--all] [--coded] [--only NAME ...] [--videos FOLDER]

Every clip of `sample_videos/breath` is one hold. Each is looked at as it is and spoilt in ways cameras spoil pictures:
sensor noise, flickering light, a shaking hand, strong compression with key frames at a breath's pace, somebody walking
past. A hold may be judged or refused; one that is judged must be right to one breath. Where nobody breathes (a held
breath, a photograph) none may be found. The constants were chosen on the clips with even numbers; the promises are
told from the odd ones (with --all: from all). Poses come from the unspoilt clip (with --stored: from
`tests/poses/breath`). FOLDER holds other recordings, whose breaths are printed and held against nothing.

With --coded, photographs of the clips (and the one clip of a held breath itself) go through many encoders instead; no
breath may be told of any.

Exit code 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
import numpy.typing as npt

from formcheck.assets import find_model
from formcheck.breaths import STILL_BELOW, Breath, BreathCounter, number_in
from formcheck.estimators.mediapipe_pose import MediaPipePose
from formcheck.measures.senses import Senses
from formcheck.poselog import PoseLog
from formcheck.reading import estimate_poses
from formcheck.sources import open_source
from formcheck.types import Pose
from formcheck.vision.breathing import BreathWatch
from formcheck.vision.cover import covered_by_person, torso_px

ROOT = Path(__file__).resolve().parent.parent
CLIPS, POSES = ROOT / "sample_videos" / "breath", ROOT / "tests" / "poses" / "breath"
WITHIN, RIGHT, JUDGED, COST_MS = 1, 0.90, 0.60, 2.0
Image = npt.NDArray[np.uint8]
Spoil = Callable[[Sequence[Image], Sequence[Pose]], Sequence[Image]]


@dataclass(frozen=True)
class Result:
    """One hold in one condition; `found` is None where the hold was refused."""

    clip: str
    condition: str
    true: int
    found: int | None

    @property
    def is_right(self) -> bool:
        """Whether what was said is true to one breath."""
        return self.found is not None and abs(self.found - self.true) <= WITHIN


# -- what cameras do to pictures --------------------------------------------------------------------------------


def as_is(frames: Sequence[Image], poses: Sequence[Pose]) -> Sequence[Image]:
    """Nothing."""
    return frames


def noisy(frames: Sequence[Image], poses: Sequence[Pose], grey: float = 4.0) -> list[Image]:
    """Sensor noise of a dim room."""
    rng = np.random.default_rng(1)
    grains = [rng.normal(0, grey / np.sqrt(2), frames[0].shape).astype(np.float32) for _ in range(7)]
    spoilt = []
    for i, frame in enumerate(frames):
        grain = grains[i % 7] + np.roll(grains[(i // 7) % 7], 3 * i, axis=1)  # never the same twice
        spoilt.append(np.clip(frame + grain, 0, 255).astype(np.uint8))
    return spoilt


def flickering(frames: Sequence[Image], poses: Sequence[Pose]) -> list[Image]:
    """Exposure that hunts, and a lamp that swells every 4.7 seconds."""
    rng = np.random.default_rng(2)
    spoilt, gain = [], 0.0
    for i, frame in enumerate(frames):
        gain = 0.8 * gain + rng.normal(0, 0.02)
        light = 1 + gain + 0.03 * np.sin(2 * np.pi * i / 47)
        spoilt.append(np.clip(frame * light + rng.normal(0, 0.5), 0, 255).astype(np.uint8))
    return spoilt


def shaking(frames: Sequence[Image], poses: Sequence[Pose]) -> list[Image]:
    """A camera held in the hand: up to some pixels and a tenth of a degree."""
    rng = np.random.default_rng(3)
    spoilt, at = [], np.zeros(3)
    for frame in frames:
        at = 0.9 * at + rng.normal(0, 1, 3) * (0.6, 0.6, 0.04)
        turn = cv2.getRotationMatrix2D((frame.shape[1] / 2, frame.shape[0] / 2), at[2], 1.01)
        turn[:, 2] += at[:2]
        spoilt.append(
            cv2.warpAffine(frame, turn, frame.shape[1::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        )
    return spoilt


def passed_by(frames: Sequence[Image], poses: Sequence[Pose]) -> list[Image]:
    """Somebody walks to and fro behind, close to the person's outline."""
    rng = np.random.default_rng(4)
    height, width = frames[0].shape[:2]
    somebody = cv2.GaussianBlur(rng.uniform(20, 110, (height, 60, 3)), (0, 0), 3).astype(np.uint8)
    person = covered_by_person(poses[0].xy_px.astype(np.float32), torso_px(poses[0]), (height, width)) > 0
    spoilt = []
    for i, frame in enumerate(frames):
        middle = int(width * (0.5 + 0.45 * np.sin(2 * np.pi * i / 73 + 0.3 * np.sin(i / 31))))
        left, right = max(0, middle - 30), min(width, middle + 30)
        frame, behind = frame.copy(), ~person[:, left:right]
        frame[:, left:right][behind] = somebody[:, : right - left][behind]
        spoilt.append(frame)
    return spoilt


def coded(frames: Sequence[Image], codec: str, bit_rate: int, options: dict[str, str]) -> list[Image]:
    """Through an encoder, at a bit rate where it is not 0, and back."""
    import av

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/coded.mkv"
        with av.open(path, "w") as box:
            stream = box.add_stream(codec, rate=10, options=options)
            stream.height, stream.width = frames[0].shape[:2]
            stream.pix_fmt = "yuv420p"
            if bit_rate:
                stream.bit_rate = bit_rate
            for i, frame in enumerate(frames):
                picture = av.VideoFrame.from_ndarray(frame, format="bgr24")
                picture.pts = i
                box.mux(stream.encode(picture))
            box.mux(stream.encode())
        with av.open(path) as box:
            return [frame.to_ndarray(format="bgr24") for frame in box.decode(video=0)]


def h264(group: int, preset: str = "veryfast", crf: int | None = None, more: str = "") -> dict[str, str]:
    """Options for the same picture in every run: with its macroblock tree it codes a bit at random."""
    quality = {} if crf is None else {"crf": str(crf)}
    parameters = {"x264-params": "mbtree=0" + more}
    return {"g": str(group), "threads": "1", "preset": preset} | quality | parameters


def recoded(frames: Sequence[Image], poses: Sequence[Pose], group: int = 40, bit_rate: int = 60_000) -> list[Image]:
    """H.264 of a poor connection, a key frame every four seconds."""
    return coded(frames, "libx264", bit_rate, h264(group))


def noisy_recoded(frames: Sequence[Image], poses: Sequence[Pose]) -> list[Image]:
    """Both: what is left of a dim room after a poor connection."""
    return recoded(noisy(frames, poses, 3.0), poses, 30, 120_000)


def photograph(frames: Sequence[Image], poses: Sequence[Pose]) -> list[Image]:
    """One picture, filmed: nothing but noise."""
    return noisy([frames[len(frames) // 4]] * len(frames), poses, 3.0)


def frozen(frames: Sequence[Image], poses: Sequence[Pose]) -> Sequence[Image]:
    """One picture, again and again."""
    return [frames[len(frames) // 4]] * len(frames)


def photograph_recoded(frames: Sequence[Image], poses: Sequence[Pose]) -> list[Image]:
    """A photograph over a poor connection: key frames pulse."""
    return recoded(photograph(frames, poses), poses)


def photograph_in_hand(frames: Sequence[Image], poses: Sequence[Pose]) -> list[Image]:
    """A photograph, filmed with a shaking hand in flickering light."""
    return shaking(flickering(photograph(frames, poses), poses), poses)


SPOILT: dict[str, Spoil] = {
    "as it is": as_is,
    "noise": noisy,
    "flicker": flickering,
    "shake": shaking,
    "walker": passed_by,
    "recoded": recoded,
    "noise, recoded": noisy_recoded,
}
NOBODY_BREATHES: dict[str, Spoil] = {
    "freeze frame": frozen,
    "photograph": photograph,
    "photo, recoded": photograph_recoded,
    "photo, in hand": photograph_in_hand,
}


ENCODERS: dict[str, tuple[str, int, dict[str, str]]] = {
    **{
        f"h264 crf {crf}, group {group}": ("libx264", 0, h264(group, crf=crf))
        for crf, group in ((23, 20), (23, 40), (28, 50), (33, 25), (33, 250), (36, 45), (36, 80), (40, 40))
    },
    **{
        f"h264 {rate} kb/s, group {group}": ("libx264", 1000 * rate, h264(group))
        for rate, group in ((40, 30), (60, 50), (120, 35), (250, 40))
    },
    "h264 no b-frames": ("libx264", 0, h264(30, crf=28, more=":bframes=0")),
    "h264 open groups": ("libx264", 0, h264(40, "medium", 33, ":open-gop=1:bframes=5:b-pyramid=normal")),
    "h264 sweeping": ("libx264", 0, h264(40, crf=30, more=":intra-refresh=1:bframes=0")),
    "h265 crf 32": ("libx265", 0, {"g": "40", "preset": "fast", "crf": "32", "x265-params": "log-level=none:pools=1"}),
    "mpeg4, group 12": ("mpeg4", 200_000, {"g": "12"}),
    "mpeg4, group 40": ("mpeg4", 200_000, {"g": "40"}),
    "mpeg4, b-frames": ("mpeg4", 400_000, {"g": "50", "bf": "2"}),
    "mpeg2, group 40": ("mpeg2video", 600_000, {"g": "40", "bf": "2"}),
    "vp8": ("libvpx", 100_000, {"g": "40", "cpu-used": "5", "deadline": "good", "auto-alt-ref": "1"}),
    "vp9": ("libvpx-vp9", 80_000, {"g": "40", "cpu-used": "8", "deadline": "realtime"}),
    "vp9, hidden frames": ("libvpx-vp9", 150_000, {"g": "50", "cpu-used": "5", "deadline": "good"}),
    "av1 crf 50": ("libsvtav1", 0, {"g": "40", "preset": "10", "crf": "50", "svtav1-params": "lp=1"}),
}


# -- counting ---------------------------------------------------------------------------------------------------


def breaths_seen(frames: Sequence[Image], poses: Sequence[Pose]) -> list[Breath]:
    """All breaths told, as an engine tells them: while the person is still."""
    watch, counter, senses = BreathWatch(), BreathCounter(), Senses()
    breaths: list[Breath] = []
    for frame, pose in zip(frames, poses, strict=False):
        _, body = senses.take(pose)
        trace, quality = watch.look(frame, pose)
        if body is None or not body.speed_per_s < STILL_BELOW:
            counter.start_over()
        else:
            breaths += counter.step(pose.time_s, trace, quality)
    return breaths


def look_at(clip: Path, log: PoseLog) -> Iterator[Result]:
    """Every condition of one clip."""
    truth = json.loads(clip.with_suffix(".truth.json").read_text())
    hold = truth["holds"][0]
    taken = truth["breathing"]["breaths"]  # whole ones: a breath counts when it is over
    true = sum(hold["start_s"] <= breath["start_s"] and breath["end_s"] <= hold["end_s"] for breath in taken)
    with open_source(clip) as source:
        frames = [frame.image.copy() for frame in source]
    poses = list(log)
    for condition, spoil in (SPOILT | NOBODY_BREATHES).items():
        breaths = breaths_seen(spoil(frames, poses), poses)
        found = number_in(breaths, hold["start_s"], hold["end_s"])
        yield Result(clip.stem, condition, 0 if condition in NOBODY_BREATHES else true, found)


def cost_ms(clip: Path, log: PoseLog) -> tuple[float, float]:
    """Median milliseconds a frame: looking at the breath, and bare inference on the same frames, in turns."""
    watch, looking, inferring = BreathWatch(), [], []
    with open_source(clip) as source, MediaPipePose(find_model()) as estimator:
        for frame, pose in zip(source, log, strict=False):
            start = perf_counter()
            watch.look(frame.image, pose)
            looking.append(1000 * (perf_counter() - start))
            start = perf_counter()
            estimator.estimate(frame)
            inferring.append(1000 * (perf_counter() - start))
    return statistics.fmean(sorted(looking)[: int(0.95 * len(looking))]), statistics.median(inferring)


# -- the table --------------------------------------------------------------------------------------------------


def promises(results: Sequence[Result], cost: float) -> Iterator[tuple[str, float, bool]]:
    """(what, its value, whether it is kept)."""
    breathing = [r for r in results if r.true > 0]
    judged = [r for r in breathing if r.found is not None]
    right = sum(r.is_right for r in judged) / len(judged) if judged else 0.0
    yield f"judged holds right to one breath, at least {RIGHT:g}", right, right >= RIGHT
    share = len(judged) / len(breathing) if breathing else 0.0
    yield f"still holds judged, at least {JUDGED:g}", share, share >= JUDGED
    invented = sum(bool(r.found) for r in results if r.true == 0)
    yield "holds in which breaths were invented, none", invented, invented == 0
    yield f"milliseconds a frame, at most {COST_MS:g}", cost, cost <= COST_MS


def _cell(result: Result) -> str:
    """found/true; - refused; ! wrong."""
    if result.found is None:
        return f"- /{result.true}"
    return f"{result.found}/{result.true}{'' if result.is_right and (result.true or not result.found) else ' !'}"


def measure(clips: Sequence[Path], is_stored: bool, with_even: bool) -> Iterator[tuple[str, float, bool]]:
    """Print the table of these clips, a line a clip, a column a condition; then tell the promises."""
    logs = {clip: PoseLog.load(POSES / f"{clip.stem}.npz") if is_stored else estimate_poses(clip) for clip in clips}
    conditions = list(SPOILT | NOBODY_BREATHES)
    print(f"{'clip':<12}" + "".join(f"{name:>16}" for name in conditions), flush=True)
    results = []
    for clip in clips:
        cells = list(look_at(clip, logs[clip]))
        print(f"{clip.stem:<12}" + "".join(f"{_cell(cell):>16}" for cell in cells), flush=True)
        results += cells
    cost, inference = cost_ms(clips[0], logs[clips[0]])
    print(f"\nlooking at the breath {cost:.2f} ms a frame, bare inference {inference:.1f} ms")
    yield from promises(results if with_even else [r for r in results if int(r.clip[-2:]) % 2], cost)


def encoded(clips: Sequence[Path], is_stored: bool) -> Iterator[tuple[str, float, bool]]:
    """Print in which codings of pictures without breath any was told, a line a clip; then tell the promise."""
    told = n_coded = 0
    for clip in clips:
        log = PoseLog.load(POSES / f"{clip.stem}.npz") if is_stored else estimate_poses(clip)
        poses = list(log)
        with open_source(clip) as source:
            frames: Sequence[Image] = [frame.image.copy() for frame in source]
        if json.loads(clip.with_suffix(".truth.json").read_text())["breathing"]["breaths"]:
            frames = photograph(frames, poses)
        found = {name: len(breaths_seen(coded(frames, *how), poses)) for name, how in ENCODERS.items()}
        seen = ", ".join(f"{n} in {name}" for name, n in found.items() if n)
        print(f"{clip.stem:<12}{len(found)} codings, breaths told: {seen or 'none'}", flush=True)
        told, n_coded = told + sum(n > 0 for n in found.values()), n_coded + len(found)
    yield f"of {n_coded} codings without breath, breaths told in none", told, told == 0


def show_others(folder: Path) -> None:
    """What is found in recordings without a truth."""
    for video in sorted(folder.glob("*.mp4")):
        log = estimate_poses(video)
        with open_source(video) as source:
            breaths = breaths_seen([frame.image.copy() for frame in source], list(log))
        print(f"{video.stem}: {len(breaths)} breaths in {log[len(log) - 1].time_s:.0f} s")


def main() -> int:
    """Print the table; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", action="store_true", help="read tests/poses/breath instead of running the network")
    parser.add_argument("--all", action="store_true", help="tell the promises from all clips, not from every second")
    parser.add_argument("--coded", action="store_true", help="pictures without breath, through many encoders")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these clips alone")
    parser.add_argument("--videos", type=Path, help="folder of other recordings (.mp4)")
    args = parser.parse_args()
    clips = [clip for clip in sorted(CLIPS.glob("*.mp4")) if not args.only or clip.stem in args.only]
    if not clips:
        print("no clips of breathing found", file=sys.stderr)
        return 1
    kept = []
    promised = encoded(clips, args.stored) if args.coded else measure(clips, args.stored, args.all)
    for what, value, is_kept in promised:
        print(f"{'kept  ' if is_kept else 'MISSED'}  {what}: {value:.3g}")
        kept.append(is_kept)
    if args.videos:
        show_others(args.videos)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
