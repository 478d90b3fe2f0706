"""`formcheck learn`: from a recording of good repetitions to a movement that can be used at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from formcheck.assets import own_references
from formcheck.cli.failures import DONE, run_plainly
from formcheck.cli.progress import progress_bar
from formcheck.cli.reporting import check_language
from formcheck.errors import UsageError
from formcheck.export.words import words_of
from formcheck.learn import Learned, id_of, learn_movement
from formcheck.measures.catalogue import MEASURES
from formcheck.poselog import PoseLog
from formcheck.reading import estimate_poses
from formcheck.recordings import find_recordings
from formcheck.registry import exercise_ids, own_exercises
from formcheck.skeleton import INDEX
from formcheck.teachable import ARMS
from formcheck.teaching import MINIMUM, counted_from_s, exercise_text, short_below_s

if TYPE_CHECKING:
    from formcheck.export.learned_page import Lesson

SEEN_FROM = 0.5  # share of the repetitions
_JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


def teach(
    sources: list[Path],
    name: str,
    view: str | None,
    n_repetitions: int | None,
    *,
    replace: bool,
    language: str,
    debug: bool,
) -> int:
    """Learns a movement and writes its files to the user's data folder; returns the exit status."""

    def job() -> int:
        from formcheck.export.learned_page import about, labels, unseen

        check_language(language)
        say = words_of(language).say
        file = _file_for(name, replace=replace)
        learned = learn_movement(
            [_poses(s, language) for s in find_recordings(sources)], name, view=view, n_repetitions=n_repetitions
        )
        lesson = _lesson(learned, file.name)
        page = _write(learned, lesson, file, language)
        for line in (
            f"{learned.name}: {_inside(' '.join(about(lesson, language)))}",
            say(
                "It is counted by {readings}; a repetition needs half of the range that was shown.",
                readings=labels(lesson, language),
            ),
            *(say("Not seen: {what}", what=_inside(what)) for what in unseen(lesson, language)),
            say("The movement: {file}", file=file),
            say("What was learned, as a page: {file}", file=page),
            say("Use it: {command}", command=f"formcheck analyze VIDEO --exercise {learned.id}"),
        ):
            typer.echo(line)
        return DONE

    return run_plainly(job, debug=debug, language=language)


def _inside(sentence: str) -> str:
    """A sentence as it stands behind a colon."""
    return sentence[:1].lower() + sentence[1:]


def _file_for(name: str, *, replace: bool) -> Path:
    """Where the movement's file goes; a name that cannot be used is told before the video is read."""
    if not id_of(name):
        raise UsageError(f"{name!r} gives no file name; use letters of a to z or digits in it, too")
    file = own_exercises() / f"{id_of(name)}.toml"
    if id_of(name) in exercise_ids():
        raise UsageError(f"formcheck has a movement {id_of(name)!r} of its own; choose another --name")
    if file.exists() and not replace:
        raise UsageError(f"{file}: there is such a movement already; choose another --name, or --replace it")
    return file


def _poses(source: Path, language: str) -> PoseLog:
    if source.suffix.lower() == ".npz":
        return PoseLog.load(source)
    with progress_bar(source.name, language) as progress:
        return estimate_poses(source, None, progress)


def _lesson(learned: Learned, file: str) -> Lesson:
    from formcheck.export.learned_page import Lesson, Reading

    shown = next(extent for extents in learned.extents for extent in extents)
    reach = next(iter(learned.reach.values()))
    return Lesson(
        id=learned.id,
        title=learned.name,
        file=file,
        n_repetitions=learned.n_repetitions,
        seconds=learned.seconds,
        views=learned.views,
        has_turns=bool(learned.sides),
        goes_both_ways=learned.goes_both_ways,
        side=None if learned.sides else shown.side,
        held_s=learned.held_s if learned.is_held else 0.0,
        counted_from_s=counted_from_s(learned),
        arms_are_free=not any(part.measure in ARMS for part in learned.parts),
        hidden=[
            f"{side} {joint}"
            for joint in _JOINTS
            for side in ("left", "right")
            if float(learned.profile.weight[:, INDEX[f"{side}_{joint}"]].mean()) < SEEN_FROM
        ],
        readings=[
            Reading(MEASURES[p.measure].label, MEASURES[p.measure].unit, p.rest, p.rest + reach * p.swing)
            for p in learned.parts
        ],
        needed=MINIMUM / 100,
        shortest_s=short_below_s(learned),
    )


def _write(learned: Learned, lesson: Lesson, file: Path, language: str) -> Path:
    from formcheck.export.learned_page import learned_page
    from formcheck.whole_files import write_text

    page = file.with_suffix(".html")
    text = learned_page(lesson, learned.profile, language)
    folder = own_references()
    folder.mkdir(parents=True, exist_ok=True)
    reference = folder / f"{learned.id}.{learned.view}.npz"
    learned.profile.save(reference)
    for older in folder.glob(f"{learned.id}.*.npz"):
        if older != reference:
            older.unlink()
    write_text(file, exercise_text(learned))
    write_text(page, text)
    return page
