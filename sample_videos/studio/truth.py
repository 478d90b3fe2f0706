"""The truth of a clip: JSON with the events, NPZ with landmarks and angles per frame; see README.md."""

import hashlib
import json
from dataclasses import asdict

import numpy as np

from . import scene
from .breathing import Breather

L_SHOULDER, R_SHOULDER, L_HIP, R_HIP = 11, 12, 23, 24

# Steps the arrays are rounded to. Powers of two leave the end of the float32 empty, which deflates to a third.
PIXEL_STEP, METRE_STEP, DEGREE_STEP = 2**-4, 2**-13, 2**-6
STEPS = {"uv_px": PIXEL_STEP, "xyz_m": METRE_STEP, "ball_center_m": METRE_STEP, "ball_radii_m": METRE_STEP}


def angles_deg(landmarks, spines):
    """{name: (T,) degrees} from (T, 33, 3) world landmarks; the body faces -y, its own left is +x.

    Inclination + leans forward, yaw and lateral flexion + go to the person's right, elevation + lifts the
    shoulders above the hips.
    """
    shoulder_line = landmarks[:, L_SHOULDER] - landmarks[:, R_SHOULDER]
    hip_line = landmarks[:, L_HIP] - landmarks[:, R_HIP]
    trunk = (landmarks[:, L_SHOULDER] + landmarks[:, R_SHOULDER] - landmarks[:, L_HIP] - landmarks[:, R_HIP]) / 2
    tilt = np.degrees(np.arctan2(shoulder_line[:, 2], shoulder_line[:, 0]))
    hip_tilt = np.degrees(np.arctan2(hip_line[:, 2], hip_line[:, 0]))
    return {
        "trunk_inc_deg": np.degrees(np.arctan2(-trunk[:, 1], trunk[:, 2])),
        "trunk_lat_deg": np.degrees(np.arctan2(-trunk[:, 0], trunk[:, 2])),
        "trunk_elev_deg": np.degrees(np.arctan2(trunk[:, 2], np.hypot(trunk[:, 0], trunk[:, 1]))),
        "trunk_yaw_deg": -np.degrees(np.arctan2(shoulder_line[:, 1], shoulder_line[:, 0])),
        "pelvis_yaw_deg": -np.degrees(np.arctan2(hip_line[:, 1], hip_line[:, 0])),
        "lat_flex_deg": tilt - hip_tilt,
        "spine_flexion_deg": spines[:, 0],
        "spine_lat_flex_deg": -spines[:, 1],
        "spine_turn_deg": -spines[:, 2],
    }


def driving_amount(states):
    """(T,) the channel that swings most, scaled to its largest absolute value; 0 where nothing is counted."""
    names = [name for name in ("curl", "lift", "twist", "lean", "drop", "calves", "rock") if name in states[0]]
    if not names:
        return np.zeros(len(states))
    values = np.array([state[names[0]] for state in states])
    return values / max(1e-9, np.abs(values).max())


def events(clip):
    """The JSON's repetitions, holds, faults and the totals that a counter should reach."""
    script = clip.script
    repetitions = [
        {
            "index": i,
            "start_s": r.start_s,
            "peak_s": r.peak_s,
            "end_s": r.end_s,
            "side": r.side,
            "counted": r.counted,
            "reason": r.reason,
            "faults": list(r.faults),
        }
        for i, r in enumerate(script.repetitions, 1)
    ]
    counted = {
        "repetitions": sum(r.counted for r in script.repetitions),
        "rounds": clip.rounds,
        "holds": sum(h.counted for h in script.holds),
    }
    circles = {}
    if script.circles:
        counted |= {
            f"circles_{way}": sum(c.counted for c in script.circles if c.direction == way) for way in ("cw", "ccw")
        }
        circles = {"circles": rounded(map(asdict, script.circles))}
    if clip.breathing:
        circles |= {"breathing": breathing_record(clip)}
    if script.blocks:
        circles |= {"blocks": rounded(map(asdict, script.blocks))}
    return {
        "counted": counted,
        "repetitions": rounded(repetitions),
        "holds": rounded(map(hold_record, script.holds)),
        **circles,
        "faults": rounded(map(asdict, script.faults)),
    }


def breathing_record(clip):
    """How the person breathes, and every breath of which the clip shows a part, as dictionaries."""
    breathed = Breather(clip.breathing, clip.script.duration_s).breaths
    shown = [b for b in breathed if b.end_s > 0 and b.start_s < clip.script.duration_s]
    return {"way": asdict(clip.breathing), "breaths": rounded(map(asdict, shown))}


def hold_record(hold):
    """A hold as a dictionary; `credited_s` only where it is less than the hold's length."""
    record = asdict(hold)
    if hold.credited_s is None:
        del record["credited_s"]
    return record


def turned_back(landmarks, turns_deg):
    """(T, 33, 3) landmarks as if the body faced -y all the time; turns_deg: (T,) to its left."""
    a = -np.radians(turns_deg)[:, None]
    x, y, z = np.moveaxis(landmarks, -1, 0)
    return np.stack([np.cos(a) * x - np.sin(a) * y, np.sin(a) * x + np.cos(a) * y, z], axis=-1)


def rounded(records):
    return [
        {key: round(value, 3) if isinstance(value, float) else value for key, value in record.items()}
        for record in records
    ]


def write_truth(stem, clip, posed, renderer_name):
    """Write stem.truth.json and stem.truth.npz."""
    camera, (width, height) = clip.camera, clip.size_wh
    facing = posed.landmarks if posed.turns is None else turned_back(posed.landmarks, posed.turns)
    projection = camera.projection(clip.size_wh)
    uv = np.array([scene.project(projection, points) for points in posed.landmarks])
    n_frames = len(posed.times_s)
    record = {
        "schema": 1,
        "clip": clip.name,
        "exercise": clip.exercise,
        "view": clip.view,
        "fps": clip.fps,
        "width": width,
        "height": height,
        "n_frames": n_frames,
        "duration_s": round(n_frames / clip.fps, 3),
        "body": clip.body,
        "renderer": renderer_name,
        "camera": {
            "azimuth_deg": camera.azimuth_deg,
            "distance_m": camera.distance_m,
            "height_m": camera.height_m,
            "target_m": list(camera.target),
            "hfov_deg": camera.hfov_deg,
            "P": np.round(projection, 6).tolist(),
        },
        **events(clip),
    }
    stem.with_name(f"{stem.name}.truth.json").write_text(json.dumps(record, indent=1) + "\n")
    arrays = {
        "t_s": posed.times_s,
        "amount": driving_amount(posed.states),
        "uv_px": uv,
        "xyz_m": posed.landmarks,
        "ball_center_m": posed.balls[:, 0],
        "ball_radii_m": posed.balls[:, 1],
        "P": projection,
        **angles_deg(facing, posed.spines),
    }
    save_arrays(stem.with_name(f"{stem.name}.truth.npz"), np.array(posed.phases), arrays)


def save_arrays(path, phases, arrays):
    """Write phases (T,) and {name: (T, ...)} rounded to STEPS; each series lies in one piece, so that it deflates."""
    np.savez_compressed(path, phase=phases, **{name: compact(name, values) for name, values in arrays.items()})


def compact(name, values):
    """Values as float32 in column order, rounded to the step of their unit (px, m, degrees); t_s, P as they are."""
    step = STEPS.get(name, DEGREE_STEP if name.endswith("_deg") else None)
    values = np.asarray(values, float)
    return np.asfortranarray(values if step is None else np.round(values / step) * step, np.float32)


def write_checksum(path):
    """Write path.sha256 in the form that sha256sum -c reads."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n")
