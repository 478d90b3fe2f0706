"""Learns the reference keypoint profiles in references/ from recorded performances.

    python models/build_references.py PERFORMANCES [NAME.VIEW ...]

PERFORMANCES is the folder that `python -m studio.reference` (in sample_videos/) wrote: NAME.VIEW.PERSON.mp4 and .json.
The poses found are kept beside each video as .poses.npz; delete those after a change of the pose model. Where fewer
than three people performed, the sample clips (sample_videos/, tests/poses/) complete them.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from formcheck.assets import find_model, sha256
from formcheck.errors import ReferenceFileError
from formcheck.estimators.mediapipe_pose import MediaPipePose
from formcheck.learning import Extent, Performance, joined_postures, learn_profile, without
from formcheck.poselog import PoseLog
from formcheck.reference import ReferenceProfile
from formcheck.registry import exercise_ids, find_exercise
from formcheck.sources import open_source

FOLDER = Path(__file__).parent / "references"
ROOT = FOLDER.parent.parent
LEAST_PEOPLE = 3
ALSO_AS = {"relaxation.side": "savasana.side"}  # resting with the legs on the ball, sitting or lying
FREE = {"relaxation": ("elbow", "wrist", "pinky", "index", "thumb")}  # hands on the knees, or at the sides


def poses_of(video: Path) -> PoseLog:
    """The poses in a video, estimated once."""
    kept = video.with_suffix(".poses.npz")
    if not kept.exists():
        model = find_model()
        log = PoseLog()
        with open_source(video) as recording, MediaPipePose(model) as estimator:
            for frame in recording:
                log.append(estimator.estimate(frame))
        log.save(kept)
    return PoseLog.load(kept)


def performed(records: list[Path]) -> dict[str, Performance]:
    """The performances by person."""
    told = {path: json.loads(path.read_text(encoding="utf-8")) for path in records}
    return {
        record["person"]: Performance(
            poses_of(path.with_suffix(".mp4")), [Extent(**extent) for extent in record["repetitions"]]
        )
        for path, record in told.items()
    }


def samples_of(exercise: str, view: str) -> dict[str, Performance]:
    """What the sample clips show of a movement without a fault, by person."""
    found: dict[str, Performance] = {}
    for path in sorted((ROOT / "sample_videos").glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        poses = ROOT / "tests" / "poses" / f"{truth['clip']}.npz"
        if (truth["exercise"], truth["view"]) != (exercise, view) or not poses.exists():
            continue
        extents = [
            Extent(r["start_s"], r["peak_s"], r["end_s"], r["side"])
            for r in truth["repetitions"]
            if r["counted"] and not r["faults"]
        ] or [
            Extent(x["start_s"], 0.5 * (x["start_s"] + x["end_s"]), x["end_s"], x.get("direction"))
            for x in truth.get("circles") or truth["holds"]
            if x["counted"]
        ]
        if extents:
            found.setdefault(truth["body"], Performance(PoseLog.load(poses), extents[:2]))
    return found


def learn(name: str, records: list[Path]) -> None:
    """One profile from all its performances."""
    exercise, view = find_exercise(name.split(".")[0]), name.split(".")[1]
    performances = performed(records)
    if len(performances) < LEAST_PEOPLE:
        performances = samples_of(exercise.id, view) | performances
    if len(performances) < LEAST_PEOPLE:
        print(f"{name}: only {len(performances)} people, needs {LEAST_PEOPLE}")
        return
    people = sorted(performances)
    lying = exercise.views if {"oblique", "back"} <= set(exercise.views) else ()
    profile = learn_profile(
        [performances[person] for person in people],
        exercise=exercise.id,
        view=view,
        view_by=exercise.view_by,
        is_cyclic=exercise.criterion.kind != "reach",
        is_posture=exercise.criterion.kind == "stay",
        seen_as=lying,
        meta={
            "made_from": "rendered performances",
            "people": people,
            "mediapipe": version("mediapipe"),
            "model_sha256": sha256(find_model()),
        },
    )
    if name in ALSO_AS:
        profile = joined_postures(profile, ReferenceProfile.load(FOLDER / f"{ALSO_AS[name]}.npz"))
    if exercise.id in FREE:
        profile = without(profile, FREE[exercise.id])
    path = FOLDER / f"{name}.npz"
    profile.save(path)
    if lying and view == "oblique":  # the estimator takes the same place of the camera for either
        replace(profile, view="back").save(FOLDER / f"{exercise.id}.back.npz")
    widest = ", ".join(f"{spread:.0f}" for spread in profile.spread_deg.mean(axis=0))
    print(
        f"{path.name}: {len(people)} people, {profile.meta['n_repetitions']} repetitions, {profile.n_phases} phases, "
        f"{path.stat().st_size / 1000:.0f} kB; spread of the segments in degrees: {widest}"
    )


def main(folder: Path, names: list[str]) -> None:
    """Learn every profile, or those named, of which there are enough people."""
    records: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("*.*.*.json")):
        if path.with_suffix(".mp4").exists():
            records[".".join(path.name.split(".")[:2])].append(path)
    for name, paths in sorted(records.items(), key=lambda item: item[0] in ALSO_AS):
        if names and name not in names:
            continue
        if name.split(".")[0] not in exercise_ids():
            print(f"{name}: there is no such exercise yet")
        else:
            try:
                learn(name, paths)
            except ReferenceFileError as error:
                print(f"{name}: {error}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
