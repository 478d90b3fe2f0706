"""Measures of the body on its way over the ball, face down or kneeling, for the side view.

Each function takes a Body and returns one number; NaN when a landmark it needs is hidden. `T` is the person's torso
length in the picture. Source: exercise specification, sheets 7, 9, 19 and 21.
"""

from __future__ import annotations

import math
from itertools import pairwise

from formcheck.geometry import along_and_across, direction_deg, distance, joint_angle_deg, wrap_deg
from formcheck.measures.body import Body
from formcheck.measures.ruler import BODY

LOWEST_SHOULDERS = 0.1  # T above hands and toes; heights below are jitter
WELL_SEEN = 0.05  # how far the body's length is off its full one where no joint jumps: 0.01 to 0.05 [measured]


def _ahead(body: Body, front: str, behind: str) -> float:
    """How far one joint is ahead of another along the floor, in pixels, + towards the head's end."""
    return body.facing * (body.at(front)[0] - body.at(behind)[0])


def _body_length(body: Body) -> float:
    """From shoulder over hip and knee to ankle in pixels, about 2.7 T.

    T alone grows and shrinks as the back rounds on the way, and with it every distance over the whole body; bent knees
    and hips leave this length as it is. A foot that the estimator loses for a moment must not stretch or squeeze it:
    it stays near what it was over the last seconds.
    """
    now = sum(distance(a, b) for a, b in pairwise(body.at(joint) for joint in BODY))
    return min(max(now, (1.0 - WELL_SEEN) * body.body_px), (1.0 + WELL_SEEN) * body.body_px)


def hips_over_feet(body: Body) -> float:
    """Hips ahead of the toes in body lengths; grows as the body rolls forward while the toes stay where they are."""
    return _ahead(body, "hip", "foot_index") / _body_length(body)


def hands_over_feet(body: Body) -> float:
    """Hands ahead of the toes in body lengths; grows as the hands walk out, stays with hands and toes planted."""
    return _ahead(body, "wrist", "foot_index") / _body_length(body)


def hips_over_hands(body: Body) -> float:
    """Hips ahead of the hands in body lengths, negative while behind them; grows as the body rolls forward."""
    return _ahead(body, "hip", "wrist") / _body_length(body)


def hands_over_shoulders(body: Body) -> float:
    """Hands ahead of the shoulders in T."""
    return _ahead(body, "wrist", "shoulder") / body.torso_px


def hand_over_toes(body: Body) -> float:
    """Hand above the toes in T; near 0 with hands and toes on the floor."""
    return (body.at("foot_index")[1] - body.at("wrist")[1]) / body.torso_px


def thigh_lean(body: Body) -> float:
    """Degrees of knee->hip from the vertical, + hips ahead: 0 on hands and knees, 30 to 60 over the ball."""
    knee, hip = body.at("knee"), body.at("hip")
    return math.degrees(math.atan2(body.facing * (hip[0] - knee[0]), knee[1] - hip[1]))


def hips_off_floor(body: Body) -> float:
    """Hips above the line from the toes to the hands in T: the floor where both are planted, however the camera tilts.

    Carried by a ball 0.85 to 1.3, in a plank about 0.7.
    """
    _, across = along_and_across(body.at("hip"), body.at("wrist"), body.at("foot_index"))
    return body.facing * across / body.torso_px


def hips_by_shoulders(body: Body) -> float:
    """How high the hips are above the line from the toes to the hands, in heights of the shoulders above it.

    Two heights side by side: neither a camera beside the ideal place nor a torso that is read too long changes it.
    In a plank about 0.6, with the hips carried by a ball 0.9 to 1.8.
    """
    wrist, toes = body.at("wrist"), body.at("foot_index")
    hips, shoulders = (body.facing * along_and_across(body.at(joint), wrist, toes)[1] for joint in ("hip", "shoulder"))
    return hips / max(shoulders, LOWEST_SHOULDERS * body.torso_px)


def trunk_off_floor(body: Body) -> float:
    """Degrees of hip->shoulder against the line from the toes to the hands, + shoulders higher."""
    trunk = direction_deg(body.at("hip"), body.at("shoulder"))
    floor = direction_deg(body.at("foot_index"), body.at("wrist"))
    return -body.facing * wrap_deg(trunk - floor)


def hips_off_line(body: Body) -> float:
    """How far the hips are above the line from the shoulders to the ankles, in lengths of that line; sagging: < 0."""
    shoulder, ankle = body.at("shoulder"), body.at("ankle")
    _, across = along_and_across(body.at("hip"), shoulder, ankle)
    # The axis runs from head to feet: what is clockwise of it on the screen is above when the head is to the right.
    return body.facing * across / distance(shoulder, ankle)


def hips_to_heels(body: Body) -> float:
    """Distance of hip and ankle in T: 0.3 to 0.5 sitting on the heels, 1.2 and more with the legs long."""
    return distance(body.at("hip"), body.at("ankle")) / body.torso_px


def wrist_behind_back(body: Body) -> float:
    """How far the hand is behind the back (dorsal of the line from shoulder to hip) in T; in front of it: < 0."""
    _, across = along_and_across(body.at("wrist"), body.at("shoulder"), body.at("hip"))
    return body.facing * across / body.torso_px


def wrist_gap(body: Body) -> float:
    """Distance of the two hands in the picture in T, with either hand guessed when it is hidden: for presence only."""
    return distance(body.left("wrist"), body.right("wrist")) / body.torso_px


def arm_overhead(body: Body) -> float:
    """Degrees between trunk and upper arm (hip-shoulder-elbow), 0 by the side, 180 in line with the trunk overhead."""
    return joint_angle_deg(body.at("hip"), body.at("shoulder"), body.at("elbow"))


def elbow_angle(body: Body) -> float:
    """Interior degrees shoulder-elbow-wrist; 180 is a long arm."""
    return joint_angle_deg(body.at("shoulder"), body.at("elbow"), body.at("wrist"))
