"""Measures of lying on the back. `T` is the person's torso length in the picture."""

from __future__ import annotations

from formcheck.geometry import along_and_across
from formcheck.measures.body import Body


def hand_lifted(body: Body) -> float:
    """Hand above the line of the trunk (shoulder to hip) of somebody who lies on the back, in T.

    On the floor beside the body -0.35 to -0.1, on the belly 0.05 to 0.3, stretched to the ceiling about 1.
    """
    _, across = along_and_across(body.at("wrist"), body.at("shoulder"), body.at("hip"))
    return body.facing * across / body.torso_px
