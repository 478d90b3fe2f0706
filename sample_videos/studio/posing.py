"""From a script to posed frames: contact with ball and mat, bone rotations, skinned vertices, landmarks."""

from dataclasses import dataclass

import numpy as np

from . import ik
from .breathing import Breather
from .motion import with_idle_motion

SETTLE_EVERY = 3  # frames between two contact searches; contact moves slowly, so it is interpolated


@dataclass
class PosedClip:
    """All frames of a clip. Positions in metres, world frame."""

    times_s: np.ndarray  # (T,)
    states: list  # T channel dictionaries
    phases: list  # T names
    rotations: np.ndarray  # (T, N, 3, 3)
    pelvis: np.ndarray  # (T, 3)
    landmarks: np.ndarray  # (T, 33, 3)
    balls: np.ndarray  # (T, 2, 3) centre and radii
    spines: np.ndarray  # (T, 3) sum of the spine's flexion, lean to the left, turn to the left, degrees
    breath: np.ndarray | None = None  # (T, 2) chest and belly, 0 out .. about 1 in; None: not moved by it
    turns: np.ndarray | None = None  # (T,) where the body faces, degrees to its left from -y; None: always -y


def contact_track(body, poses):
    """One Contact per pose: settled at every SETTLE_EVERY-th pose, interpolated between."""
    knots = sorted({*range(0, len(poses), SETTLE_EVERY), len(poses) - 1})
    contacts, last, previous = [], None, None
    for knot in knots:
        pose = poses[knot]
        if pose != previous:
            last = ik.settle(body, pose, last)
        contacts.append(last.as_array())
        previous = pose
    columns = np.array(contacts).T
    frames = np.arange(len(poses))
    table = np.array([np.interp(frames, knots, column) for column in columns]).T
    return [ik.Contact.from_array(row) for row in table]


def pose_frames(body, clip, times_s):
    """Pose the clip at the given times."""
    if clip.frames is not None:
        return clip.frames(body, clip, times_s)
    states = [clip.script.state(t) for t in times_s]
    poses = [clip.figure(state) for state in states]
    contacts = contact_track(body, poses)
    breather = Breather(clip.breathing, clip.script.duration_s) if clip.breathing else None
    stirred = breather.moved if breather else with_idle_motion
    moving = [stirred(pose, t) for pose, t in zip(poses, times_s, strict=True)]
    postures = [ik.solve(body, pose, contact) for pose, contact in zip(moving, contacts, strict=True)]
    rotations = np.array([p.rotations for p in postures])
    pelvis = np.array([p.pelvis for p in postures])
    landmarks = np.array([body.landmarks(vertices, joints) for vertices, joints in skinned(body, rotations, pelvis)])
    return PosedClip(
        np.asarray(times_s),
        states,
        [clip.script.phase(t) for t in times_s],
        rotations,
        pelvis,
        landmarks,
        np.array([ik.ball_shape(pose.ball) for pose in poses]),
        np.array([pose.spine for pose in moving]),
        breath=np.array([breather.levels(t) for t in times_s]) if breather else None,
    )


def skinned(body, rotations, pelvis, batch=16):
    """Yield (vertices, joints) of each frame; in batches, so that a long clip does not fill the memory."""
    for start in range(0, len(rotations), batch):
        vertices, joints = body.skin(rotations[start : start + batch], pelvis[start : start + batch])
        yield from zip(vertices, joints, strict=True)
