"""`formcheck learn`: from a recording of good repetitions to a movement that can be used at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from formcheck.assets import own_references
from formcheck.cli.analyzing import find_recordings
from formcheck.cli.failures import DONE, run_plainly
from formcheck.cli.progress import progress_bar
from formcheck.errors import UsageError
from formcheck.gatekeeper import view_in_words
from formcheck.learn import Learned, learn_movement
from formcheck.measures.catalogue import MEASURES
from formcheck.poselog import PoseLog
from formcheck.reading import estimate_poses
from formcheck.registry import exercise_ids, own_exercises
from formcheck.skeleton import INDEX
from formcheck.teaching import exercise_text

SEEN_FROM = 0.5  # share of the repetitions
_JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


def teach(
    sources: list[Path],
    name: str,
    view: str | None,
    n_repetitions: int | None,
    *,
    replace: bool,
    debug: bool,
) -> int:
    """Learns a movement and writes its files to the user's data folder; returns the exit status."""

    def job() -> int:
        learned = learn_movement(
            [_poses(s) for s in find_recordings(sources)], name, view=view, n_repetitions=n_repetitions
        )
        file = own_exercises() / f"{learned.id}.toml"
        if learned.id in exercise_ids():
            raise UsageError(f"formcheck has a movement {learned.id!r} of its own; choose another --name")
        if file.exists() and not replace:
            raise UsageError(f"{file}: there is such a movement already; choose another --name, or --replace it")
        page = _write(learned, file)
        for line in [*in_words(learned), *will_not_see(learned)]:
            typer.echo(line)
        typer.echo(f"The movement: {file}\nWhat was learned, as a page: {page}")
        typer.echo(f"Use it: formcheck analyze VIDEO --exercise {learned.id}")
        return DONE

    return run_plainly(job, debug=debug)


def _poses(source: Path) -> PoseLog:
    if source.suffix.lower() == ".npz":
        return PoseLog.load(source)
    with progress_bar(source.name) as progress:
        return estimate_poses(source, None, progress)


def _write(learned: Learned, file: Path) -> Path:
    from formcheck.export.atomic import write_text
    from formcheck.export.learned_page import Reading, learned_page

    folder = own_references()
    folder.mkdir(parents=True, exist_ok=True)
    for older in folder.glob(f"{learned.id}.*.npz"):
        older.unlink()
    learned.profile.save(folder / f"{learned.id}.{learned.view}.npz")
    write_text(file, exercise_text(learned))
    readings = [
        Reading(MEASURES[p.measure].label, MEASURES[p.measure].unit, p.rest, p.rest + p.swing) for p in learned.parts
    ]
    page = file.with_suffix(".html")
    text = learned_page(learned.name, in_words(learned), readings, learned.profile, list(will_not_see(learned)))
    write_text(page, text)
    return page


def in_words(learned: Learned) -> list[str]:
    """What was learned, a sentence each."""
    n = learned.n_repetitions
    repetitions = "1 repetition" if n == 1 else f"{n} repetitions"
    labels = _and([MEASURES[part.measure].label.lower() for part in learned.parts])
    return [
        f"{learned.name}: learned from {repetitions} of about {learned.seconds:.1f} s, "
        f"seen from {view_in_words(learned.view)}.",
        f"It is counted by {labels}; a repetition needs half of the range that was shown.",
    ]


def will_not_see(learned: Learned) -> Iterator[str]:
    """What the movement does not judge, a sentence each."""
    yield f"It is judged only when seen from {view_in_words(learned.view)}."
    hidden = [
        f"{side} {joint}"
        for joint in _JOINTS
        for side in ("left", "right")
        if float(learned.profile.weight[:, INDEX[f"{side}_{joint}"]].mean()) < SEEN_FROM
    ]
    if hidden:
        yield f"Hidden in what was shown, and not compared: {_and(hidden)}."
    yield "It corrects haste only. What else is wrong with a movement, a person must write into its file."
    yield "Movements that alternate between the sides are learned for the side that was shown."


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
