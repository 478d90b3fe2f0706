"""Learns the reference keypoint profiles in references/ from recorded performances.

    python models/build_references.py PERFORMANCES [NAME.VIEW ...]

PERFORMANCES is the folder that `python -m studio.reference` (in sample_videos/) wrote: NAME.VIEW.PERSON.mp4 and .json.
The poses found are kept beside each video as .poses.npz; delete those after a change of the pose model.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from formcheck.assets import find_model, sha256
from formcheck.estimators.mediapipe_pose import MediaPipePose
from formcheck.learning import Extent, Performance, learn_profile
from formcheck.poselog import PoseLog
from formcheck.registry import exercise_ids, find_exercise
from formcheck.sources import open_source

FOLDER = Path(__file__).parent / "references"
LEAST_PEOPLE = 3


def poses_of(video: Path) -> PoseLog:
    """The poses in a video, estimated once."""
    kept = video.with_suffix(".poses.npz")
    if not kept.exists():
        model = find_model()
        log = PoseLog({"versions": {"mediapipe": version("mediapipe"), "model_sha256": sha256(model)}})
        with open_source(video) as recording, MediaPipePose(model) as estimator:
            for frame in recording:
                log.append(estimator.estimate(frame))
        log.save(kept)
    return PoseLog.load(kept)


def learn(name: str, records: list[Path]) -> None:
    """One profile from all its performances."""
    told = [json.loads(path.read_text(encoding="utf-8")) for path in records]
    exercise = find_exercise(told[0]["exercise"])
    logs = [poses_of(path.with_suffix(".mp4")) for path in records]
    performances = [
        Performance(log, [Extent(**extent) for extent in record["repetitions"]])
        for log, record in zip(logs, told, strict=True)
    ]
    people = sorted(record["person"] for record in told)
    versions = {key: logs[0].meta["versions"][key] for key in ("mediapipe", "model_sha256")}
    profile = learn_profile(
        performances,
        exercise=exercise.id,
        view=told[0]["view"],
        view_by=exercise.view_by,
        is_cyclic=exercise.criterion.kind != "reach",
        is_posture=exercise.criterion.kind == "stay",
        meta={"made_from": "rendered performances", "people": people, **versions},
    )
    path = FOLDER / f"{name}.npz"
    profile.save(path)
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
    for name, paths in records.items():
        if names and name not in names:
            continue
        if name.split(".")[0] not in exercise_ids():
            print(f"{name}: there is no such exercise yet")
        elif len(paths) < LEAST_PEOPLE:
            print(f"{name}: only {len(paths)} performances, needs {LEAST_PEOPLE}")
        else:
            learn(name, paths)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
