"""All that a run has brought so far: poses, what was followed in them, marks. Its time stands still in pauses."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from formcheck.events import PainMarked
from formcheck.live.blockrun import BlockRun, Followed
from formcheck.live.interrupted import Interrupted
from formcheck.live.message import Json
from formcheck.live.plan import Plan
from formcheck.live.replay import replay
from formcheck.live.runlog import RunLog
from formcheck.measures.senses import Senses
from formcheck.types import Pose

GAP_S: Final = 0.02  # what passes in the log where frames are missing
ANOTHER_DAY_S: Final = 3.0  # what passes in the log between an interrupted run and its continuation


class Gathered:
    """What becomes the report, and what a crash must not take away.

    Attributes:
        log: every pose of the run.
        run_s: time of the last of them.
        senses: of the plan's movements, by line of view.
        followed: the blocks that were followed and have ended.
        results: what the blocks brought, as shown in the timeline, by their index.
        breaths: when the person marked a breath.
        pain: when something hurt.
    """

    def __init__(self, log: RunLog) -> None:
        """Nothing yet."""
        self.log = log
        self.run_s = 0.0
        self.senses: dict[str, Senses] = {}
        self.followed: list[Followed] = []
        self.results: dict[int, Json] = {}
        self.breaths: list[float] = []
        self.pain: list[PainMarked] = []

    @property
    def has_brought(self) -> bool:
        """Whether anything was done in any block."""
        return any(result["status"] != "skipped" and result["count"] is not None for result in self.results.values())

    def sharpen_senses(self, plan: Plan) -> None:
        """The plan is certain now."""
        self.senses = {line: Senses(line) for line in {b.exercise.view_by for b in plan.blocks if b.exercise}}

    def add(self, pose: Pose, step_s: float) -> Pose:
        """The next pose, so many seconds after the last one; returns it with its time in the run."""
        self.run_s += step_s
        pose = replace(pose, time_s=self.run_s)
        self.log.append(pose)
        for senses in self.senses.values():
            senses.take(pose)
        return pose

    def add_gap(self, size_wh: tuple[int, int]) -> Pose | None:
        """A row with nobody where frames are missing, so that nothing is credited across; none before the first."""
        return self.add(Pose.nobody(self.run_s, size_wh), GAP_S) if len(self.log) else None

    def to_keep(self, plan: Plan, run: BlockRun) -> Interrupted | None:
        """The run as it stands, its poses on disk; None where they cannot be written."""
        under_way = run.stretch(self.run_s)
        stretches = [followed.stretch for followed in self.followed] + ([under_way] if under_way else [])
        if not self.log.flush():
            return None
        return Interrupted(
            kind=plan.kind,
            id=plan.id,
            next_block=run.index,
            stretches=tuple(stretches),
            results=self.results,
            parts=tuple(self.log.parts),
            is_open=under_way is not None,
            elapsed_s=run.elapsed_s,
            breaths=tuple(self.breaths),
            pain=tuple((mark.time_s, mark.exercise) for mark in self.pain),
            stages={name: dict(stage) for name, stage in plan.stages.items()},
        )

    def bring_back(self, plan: Plan, kept: Interrupted) -> BlockRun | None:
        """Everything as it was when the run was kept; returns the block that was under way then, if one was.

        Args:
            plan: with the steps that were taken into it.
            kept: its poses are those of the log.
        """
        self.sharpen_senses(plan)
        self.followed, run = replay(plan, self.log.whole(), kept, self.senses)
        self.run_s = self.log.last_s + ANOTHER_DAY_S
        self.results, self.breaths = dict(kept.results), list(kept.breaths)
        self.pain = [PainMarked(time_s, exercise) for time_s, exercise in kept.pain]
        return run
