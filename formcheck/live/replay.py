"""An interrupted run brought back: its poses are followed once more, which gives what was counted before."""

from __future__ import annotations

from collections.abc import Mapping

from formcheck.errors import FormcheckError
from formcheck.live.blockrun import BlockRun, Followed
from formcheck.live.interrupted import Interrupted
from formcheck.live.plan import Plan, plan_of
from formcheck.measures.senses import Senses
from formcheck.poselog import PoseLog


def plan_for(kept: Interrupted) -> Plan | None:
    """The plan of a run that was not ended; None where its file has gone, or was changed and has no place for it."""
    try:
        plan = plan_of(kept.kind, kept.id)
    except FormcheckError:
        return None
    moved = [
        0 <= stretch.block < len(plan.blocks) and plan.blocks[stretch.block].exercise for stretch in kept.stretches
    ]
    return plan if all(moved) and 0 <= kept.next_block < len(plan.blocks) else None


def replay(
    plan: Plan, log: PoseLog, kept: Interrupted, senses: Mapping[str, Senses]
) -> tuple[list[Followed], BlockRun | None]:
    """What was followed, and the block that was still under way, as they were when the run was kept.

    Args:
        plan: with the steps that were taken into it.
        log: every pose until then.
        senses: by line of view; they get to know the person.
    """
    waiting, marked = list(kept.stretches), set(kept.breaths)
    done: list[Followed] = []
    run: BlockRun | None = None
    last_s = 0.0
    for row, pose in enumerate(log):
        for own in senses.values():
            own.take(pose)
        if run is not None and pose.time_s >= waiting[0].end_s:
            waiting.pop(0)
            done += filter(None, [run.end(last_s)])
            run = None
        if run is None and waiting and pose.time_s >= waiting[0].start_s:
            block = plan.blocks[waiting[0].block]
            assert block.exercise is not None
            run = BlockRun(waiting[0].block, block)
            run.begin(senses[block.exercise.view_by], plan.chosen_by, row, pose.time_s)
        if run is not None:
            run.step(pose)
            if pose.time_s in marked:
                run.mark_breath()
        last_s = pose.time_s
    if run is not None and not kept.is_open:
        done += filter(None, [run.end(last_s)])
        run = None
    if run is not None:
        run.elapsed_s = kept.elapsed_s
    return done, run
