"""Parts of what a display is told, as plain JSON values in the person's language."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from formcheck.live.pacer import pacer_of
from formcheck.live.plan import Block, Plan
from formcheck.messages import Catalogue, page_catalogue
from formcheck.render.gauge import for_people
from formcheck.skeleton import SEGMENTS
from formcheck.types import Array, Pose, Snapshot

Json = dict[str, Any]


def seen(pose: Pose) -> Json:
    """Person and ball in pixels of the frame; null where not seen."""
    ball = pose.ball
    is_ball = ball is not None and ball.is_seen
    return {
        "size": list(pose.size_wh),
        "landmarks": _points(pose.xy_px) if pose.is_person else None,
        "ball": [_short(v) for v in (ball.x_px, ball.y_px, ball.width_px, ball.height_px)]
        if is_ball and ball
        else None,
    }


def moment(snapshot: Snapshot, catalogue: Catalogue) -> Json:
    """The moment of a block, in the person's language."""
    say, hold, gauge = catalogue.say, snapshot.hold, snapshot.gauge and for_people(snapshot.gauge)
    return {
        "limbs": snapshot.limb_state.tolist(),
        "phase": say(snapshot.phase) if snapshot.phase else None,
        "side": snapshot.side,
        "progress": _short(snapshot.progress, 3),
        "flash": _short(snapshot.flash, 2),
        "label": say(snapshot.count_label),
        "hold": None
        if hold is None
        else {"credited_s": _short(hold.credited_s, 2), "target_s": hold.target_s, "is_running": hold.is_running},
        "gauge": None
        if gauge is None
        else {
            "label": say(gauge.label),
            "unit": gauge.unit,
            "value": _short(gauge.value),
            "axis": list(gauge.axis),
            "bands": [list(band) for band in gauge.bands],
        },
        "note": _note(snapshot.note, catalogue) if snapshot.note else None,
        "cue": say(snapshot.cue) if snapshot.cue else None,
        "cue_level": snapshot.cue_level,
        "faults": list(snapshot.fault_segments),
        "judged": list(snapshot.judged_segments),
        "not_judged": say(snapshot.not_judged) if snapshot.not_judged else None,
        "ghost": None if snapshot.ghost_px is None else _points(snapshot.ghost_px),
    }


def plan_in_full(plan: Plan, catalogue: Catalogue) -> Json:
    """All blocks, for a timeline."""
    return {
        "kind": plan.kind,
        "id": plan.id,
        "title": catalogue.say(plan.title),
        "summary": catalogue.say(plan.summary),
        "safety": [catalogue.say(line) for line in plan.safety],
        "blocks": [block_in_short(block, catalogue) for block in plan.blocks],
    }


def block_in_short(block: Block, catalogue: Catalogue) -> Json:
    """What a block asks for."""
    exercise = block.exercise
    return {
        "index": block.index,
        "title": block_title(block, catalogue),
        "name": catalogue.say(block.title),
        "which": _which(block, catalogue),
        "section": catalogue.say(block.section),
        "seconds": block.seconds,
        "counts": None if block.counts is None else list(block.counts),
        "change": catalogue.say(block.change) if block.change else None,
        "turn": catalogue.say(block.turn) if block.turn else None,
        "view": block.view,
        "ball": catalogue.say(exercise.ball) if exercise else None,
        "breath": catalogue.say(exercise.breath) if exercise else None,
        "pacer": None if (pacer := pacer_of(block)) is None else {"in_s": pacer.in_s, "out_s": pacer.out_s},
        "is_still": block.is_still,
        "is_optional": block.is_optional,
    }


def block_title(block: Block, catalogue: Catalogue) -> str:
    """The movement's name with its side or direction."""
    title, which = catalogue.say(block.title), _which(block, catalogue)
    return f"{title}, {which}" if which else title


def _which(block: Block, catalogue: Catalogue) -> str | None:
    which = block.side or block.direction
    return catalogue.text(f"side.{which}") if which else None


def segments() -> dict[str, list[list[int]]]:
    """Names of body segments and their bones as pairs of landmark indices."""
    return {name: [list(bone) for bone in bones] for name, bones in SEGMENTS.items()}


def _note(note: str, catalogue: Catalogue) -> str:
    start = "not counted: "
    reason = page_catalogue(catalogue.language).say(note.removeprefix(start))  # what was, as in the report
    return catalogue.text("not_counted", reason=reason) if note.startswith(start) else catalogue.say(note)


def _points(xy_px: Array) -> list[list[float] | None]:
    return [None if math.isnan(x) else [x, y] for x, y in np.round(xy_px[:, :2], 1).tolist()]


def _short(value: float, digits: int = 1) -> float | None:
    return round(value, digits) if math.isfinite(value) else None
