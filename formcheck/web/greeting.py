"""All that a page needs to draw itself anew, wherever a run stands."""

from __future__ import annotations

import math

from formcheck.export.counts import blocks_as_asked, count_in_a_line
from formcheck.export.words import Words, words_of
from formcheck.live.display import message, whole_plan
from formcheck.live.message import Json, segments
from formcheck.live.session import LiveSession
from formcheck.messages import LANGUAGES, page_catalogue
from formcheck.registry import exercise_ids, find_exercise, find_routine, own_movements, routine_ids
from formcheck.voice import has_voice


def greeting(session: LiveSession, settings: Json, *, is_own_camera: bool, records: bool) -> Json:
    """The page's first message, and the one after every choice."""
    catalogue, result = session.catalogue, session.result
    return {
        "kind": "hello",
        "language": catalogue.language,
        "languages": list(LANGUAGES),
        "texts": catalogue.page,
        "segments": segments(),
        "settings": settings,
        "has_voice": has_voice(),
        "is_own_camera": is_own_camera,
        "records": records,
        "plan": whole_plan(session),
        "steps": _steps(session),
        "interrupted": _left_over(session),
        "routines": _routines(session),
        "exercises": _exercises(session),
        "result": None
        if result is None
        else {"folder": str(result.folder), "lines": _in_words(result.report, words_of(catalogue.language))},
        "is_well_done": session.gathered.has_brought and not session.gathered.pain and session.is_pain_noted is None,
        "is_pain_noted": session.is_pain_noted,
        "moment": message(session),
    }


def _left_over(session: LiveSession) -> Json | None:
    """A run that was interrupted, as the page offers it."""
    kept = session.offered()
    if kept is None:
        return None
    find = find_routine if kept.kind == "routine" else find_exercise
    title = session.catalogue.say(find(kept.id).title)
    return {"title": title, "block": kept.next_block + 1 if kept.kind == "routine" else None}


def _steps(session: LiveSession) -> list[Json]:
    """The person's own next steps for what is chosen, with their reasons."""
    if session.plan is None:
        return []
    say = page_catalogue(session.catalogue.language).say  # the history's words
    titles = {b.exercise.id: b.exercise.title for b in session.plan.blocks if b.exercise}
    return [
        {
            "exercise": name,
            "title": say(titles[name]),
            "words": say(step.words or "As before"),
            "reason": say(step.reason),
            "then": say(step.then) if step.then else None,
            "change": step.change,
            "is_refused": name in session.refused,
        }
        for name, step in session.steps.items()
    ]


def _routines(session: LiveSession) -> list[Json]:
    """All that can be chosen, and what was given on the command line."""
    routines, plan = {name: find_routine(name) for name in routine_ids()}, session.plan
    if plan is not None and plan.routine is not None:
        routines.setdefault(plan.id, plan.routine)
    return [
        {"id": name, "title": session.catalogue.say(r.title), "minutes": math.ceil(r.timeline[-1].end_s / 60)}
        for name, r in routines.items()
    ]


def _exercises(session: LiveSession) -> list[Json]:
    """All that can be chosen, and what was given on the command line, as it was then: its file may have changed."""
    own, plan = own_movements()[0], session.plan  # one whose file is broken is not offered
    titles = {name: find_exercise(name).title for name in exercise_ids()} | {n: e.title for n, e in own.items()}
    if plan is not None and plan.kind == "exercise":
        titles.setdefault(plan.id, plan.title)
    return [{"id": name, "title": session.catalogue.say(title)} for name, title in titles.items()]


def _in_words(report: Json, words: Words) -> list[Json]:
    """What was counted in each block against its target, for the last page: "1 of 2 holds"."""
    return [
        {"title": words.say(block.get("title") or block["exercise"]), "counted": count_in_a_line(block, words)}
        for block in blocks_as_asked(report)
    ]
