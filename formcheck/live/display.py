"""All there is to show of a run at a moment: as JSON values for a page, as a snapshot for an overlay."""

from __future__ import annotations

from dataclasses import replace

from formcheck.live.blockrun import BlockRun
from formcheck.live.flow import ACTIVE, COUNTDOWN_S, State
from formcheck.live.message import Json, block_in_short, block_title, moment, plan_in_full, seen
from formcheck.live.plan import target
from formcheck.live.session import LiveSession
from formcheck.render.back import AWAY
from formcheck.render.theme import Sizes
from formcheck.types import Snapshot


def message(session: LiveSession) -> Json:
    """Everything that a page shows now; what is to be spoken is in one message only."""
    run = session.run
    shown: Json = {
        "kind": "moment",
        "state": session.state.value,
        "say": session.speaker.take(),
        "gesture": round(session.flow.hands.filled, 2),
        "index": run.index if run is not None else 0,
        "run_s": round(session.gathered.run_s, 2),
        "results": {str(index): result for index, result in session.gathered.results.items()},
        "is_recording": session.is_recording,
        "trouble": session.catalogue.say(session.trouble) if session.trouble else None,
    }
    if session.pose is not None:
        shown["seen"] = seen(session.pose)
    if run is not None and session.state in (*ACTIVE, State.PAUSED):
        shown["block"] = block_in_short(run.block, session.catalogue)
        shown |= _about_block(session, run)
    return shown


def _about_block(session: LiveSession, run: BlockRun) -> Json:
    about: Json = {"elapsed_s": round(run.elapsed_s, 2), "count": run.n_done, "target": run.block.counts}
    about["breaths"] = run.n_breaths
    snapshot = run.snapshot
    if snapshot is not None:
        about["moment"] = moment(snapshot, session.catalogue) | {"back": _back(session, snapshot)}
        about["target"] = target(run.block, snapshot)
    if session.state is State.SETUP and session.flow.gate is not None:
        problem = session.flow.gate.problem
        about["setup"] = {
            "problem": session.catalogue.say(problem) if problem else None,
            "filled": round(session.flow.gate.filled, 2),
        }
    elif session.state is State.COUNTDOWN:
        about["countdown"] = _countdown(session)
    elif session.state is State.PAUSED:
        about["paused"] = session.flow.pause_reason
    return about


def _back(session: LiveSession, snapshot: Snapshot) -> Json | None:
    """The line along the back and the dashes of its neutral, pixels of the frame; None with nothing to draw."""
    if session.pose is None:
        return None
    away_px = AWAY * Sizes.of_frame(session.pose.size_wh).unit
    placed = session.back_line.place(session.pose, snapshot, away_px)
    if placed is None:
        return None
    return {
        "line": placed.line.round(1).tolist(),
        "neutral": None if placed.neutral is None else placed.neutral.round(1).tolist(),
    }


def _countdown(session: LiveSession) -> int:
    return max(1, min(3, int(COUNTDOWN_S - session.flow.state_s) + 1))


def whole_plan(session: LiveSession) -> Json | None:
    """The plan with all its blocks, for a timeline; None when nothing is chosen."""
    return None if session.plan is None else plan_in_full(session.plan, session.catalogue)


def overlay(session: LiveSession) -> Snapshot:
    """The moment for an overlay that is drawn into the picture; outside of a block, what to do now."""
    text, say, run = session.catalogue.text, session.catalogue.say, session.run
    snapshot = run.snapshot if run is not None else None
    if session.state is State.BLOCK and run is not None and snapshot is not None:
        return replace(
            snapshot,
            title=block_title(run.block, session.catalogue),
            count=run.n_done,
            count_target=target(run.block, snapshot),
            count_label=say(snapshot.count_label),
            phase=say(snapshot.phase) if snapshot.phase else None,
            cue=say(snapshot.cue) if snapshot.cue else None,
            not_judged=say(snapshot.not_judged) if snapshot.not_judged else None,
        )
    problem = session.flow.gate.problem if session.flow.gate is not None else None
    words = {
        State.SETUP: say(problem) if problem else text("setup.good"),
        State.COUNTDOWN: str(_countdown(session)),
        State.REST: block_title(run.block, session.catalogue) if run is not None else "",
        State.PAUSED: text(f"paused.{session.flow.pause_reason or 'asked'}"),
    }.get(session.state)
    time_s = session.pose.time_s if session.pose is not None else 0.0
    return Snapshot(time_s, "", cue=words, cue_level="setup" if words else None)
