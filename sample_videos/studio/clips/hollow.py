"""Clips over the ball in which the back hollows: what only its outline shows."""

from dataclasses import replace

from .. import figures, figures_prone
from ..motion import Hold, Script
from ..scene import Camera
from .prone import BRIGHT, COOL, OLIVE, PLUM, RUST, SLATE, WARM, clip_of, rolled, walk_out

HOLLOW_LIFT = 1.5  # of a full lift
TIPPED_DEG = 13.0  # how far the pelvis tips meanwhile, so that the low back hollows rather than the chest rises


def lifting(state):
    """Face down, the pelvis tipped forward by the channel `tip` (degrees)."""
    pose = figures.prone(state)
    return replace(pose, pitch=pose.pitch + state["tip"])


def back_extension_hollow():
    """Two full lifts, and one between them that goes on into a hollow back."""
    script = Script(lift=0, tip=0, arms=0, nod=0, look=0)
    script.wait(1.2)
    for lift in (1.0, HOLLOW_LIFT, 1.0):
        repetition = script.begin()
        script.move(1.7, "rise", lift=lift, tip=TIPPED_DEG if lift > 1.0 else 0.0, arms=1)
        top_s = script.duration_s
        script.wait(3.2, "hold")
        repetition.peak_s = round((top_s + script.duration_s) / 2, 3)
        script.holds.append(Hold(top_s, script.duration_s))
        if lift > 1.0:
            script.fault("back_hollow", top_s, script.duration_s)
        script.move(1.7, "lower", lift=0, tip=0, arms=0)
        repetition.end_s = script.duration_s
        script.wait(0.8, "rest")
    return clip_of(
        "back_extension_hollow", "back_extension", "older", replace(SLATE, beard=0.0), WARM,
        Camera(-84, 2.8, 0.95, (0, 0.08, 0.44), hfov_deg=42), script, lifting,
    )  # fmt: skip


def ball_back_stretch_hollow():
    """Rolled forward with the back held hollow."""
    script = Script(travel=0, nod=0, drape=0)
    script.wait(1.8)
    hollow = rolled(script, 15.5, drape=-27)
    script.fault("back_hollow", hollow.start_s, hollow.end_s)
    return clip_of(
        "ball_back_stretch_hollow", "ball_back_stretch", "woman", PLUM, COOL,
        Camera(82, 2.7, 0.9, (0, -0.04, 0.42), hfov_deg=44), script, figures_prone.rolling,
    )  # fmt: skip


def prone_walkout_hollow():
    """Walked out, and the back sinks through before it settles."""
    script = Script(travel=0, hands_L=0, hands_R=0, raise_L=0, raise_R=0, nod=0, sag=0)
    script.wait(2.0)
    out = walk_out(script, 0.9, sag=-28)
    script.fault("back_hollow", out.start_s, out.end_s)
    script.wait(2.8, "settled")
    return clip_of(
        "prone_walkout_hollow", "prone_walkout", "student", replace(OLIVE, shirt=RUST.shirt, beard=0.0), BRIGHT,
        Camera(-80, 2.8, 0.95, (0, -0.02, 0.42), hfov_deg=44), script, figures_prone.walking,
    )  # fmt: skip


BUILDERS = (back_extension_hollow, ball_back_stretch_hollow, prone_walkout_hollow)
