"""`formcheck live`: a page in the browser on this computer, or a window; a report at the end."""

from __future__ import annotations

import contextlib
import datetime
import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import typer

from formcheck.assets import FAST_MODEL, find_model
from formcheck.cli.failures import DONE, complain, run_plainly
from formcheck.cli.movements import LEFT_OUT
from formcheck.cli.reporting import check_language
from formcheck.errors import UsageError
from formcheck.export.lines import line_in
from formcheck.export.words import Words, words_of
from formcheck.live.eyes import Eyes
from formcheck.live.ownfolder import own_folder
from formcheck.live.past import Past
from formcheck.live.plan import Plan
from formcheck.live.recorder import VIDEO, Recorder
from formcheck.live.session import LiveSession
from formcheck.messages import LANGUAGES
from formcheck.reading import versions_of
from formcheck.registry import own_movements
from formcheck.session import SessionResult, writable
from formcheck.userdata import data_dir
from formcheck.web.settings import read_settings
from formcheck.wording import report_in_words


def run_live(
    routine: str | None,
    exercise: str | None,
    camera: str | None,
    out: Path,
    *,
    in_window: bool,
    opens: bool,
    port: int,
    history: bool = True,
    data: Path | None = None,
    record: bool = False,
    language: str | None = None,
    debug: bool,
) -> int:
    """Guides a person at a camera until the program is ended; returns the exit status.

    Without a language it is the one that was chosen on the page, else the browser's; the terminal's is English then.
    """
    folder = data_dir(data)
    settings = read_settings(folder / "settings.json")
    settings["language"] = language or settings["language"]
    spoken = settings["language"] or LANGUAGES[0]

    def job() -> int:
        check_language(spoken)
        if routine and exercise:
            raise UsageError("give either an exercise or a routine, not both")
        with writable(out):
            pass  # tried before somebody begins, not when all is done
        for error in own_movements()[1]:
            complain(str(error), spoken, LEFT_OUT)
        past = Past(folder if history else None, partial(complain, language=spoken))
        with (
            own_folder(folder / "live") as state_folder,
            _session(out, settings, state_folder, past, record=record) as session,
        ):
            if routine or exercise:
                session.choose("routine" if routine else "exercise", routine or exercise or "")
            if in_window:
                from formcheck.live.window import run_in_window

                _tell_of_video(record, words_of(spoken))
                run_in_window(session, camera or "0")
            else:
                _serve(session, settings, folder / "settings.json", camera, port, opens=opens, records=record)
            _tell(session.finish(), session)
            if session.trouble:
                complain(session.trouble, session.catalogue.language)
        return DONE

    return run_plainly(job, debug=debug, language=spoken)


@contextlib.contextmanager
def _session(
    out: Path, settings: dict[str, Any], state_folder: Path, past: Past, *, record: bool
) -> Iterator[LiveSession]:
    """A live session that keeps an unfinished run in the state folder."""
    began = datetime.datetime.now().astimezone()

    def folder_for(plan: Plan) -> Path:
        now = datetime.datetime.now().astimezone()
        name = f"{Path(plan.id).stem}-{now:%Y%m%d-%H%M%S}"
        names = itertools.chain([name], (f"{name}-{n}" for n in itertools.count(2)))
        return next(out / name for name in names if not (out / name).exists())

    versions = versions_of(find_model(FAST_MODEL))
    about = {"versions": versions, "began": began.isoformat(timespec="seconds")}
    with Eyes() as eyes:
        session = LiveSession(
            eyes.look,
            folder_for,
            language=settings["language"] or "en",
            state_folder=state_folder,
            about=about,
            past=past,
            recorder=Recorder(state_folder) if record else None,
        )
        eyes.wants_back = lambda: session.wishes.back
        session.note(height_cm=settings["height_cm"], ball_cm=settings["ball_cm"])
        yield session


def _serve(
    session: LiveSession,
    settings: dict[str, Any],
    settings_path: Path,
    camera: str | None,
    port: int,
    *,
    opens: bool,
    records: bool,
) -> None:
    from formcheck.sources.camera import Camera
    from formcheck.web.guard import HOST, Guard
    from formcheck.web.server import LiveServer
    from formcheck.web.serving import listen, serve

    listening = listen(port)
    with contextlib.closing(listening), contextlib.ExitStack() as stack:
        number, words = listening.getsockname()[1], words_of(session.catalogue.language)
        guard = Guard(number)
        own = stack.enter_context(Camera(camera)) if camera is not None else None
        server = LiveServer(session, guard, settings, settings_path, own, records=records)
        address = f"http://{HOST}:{number}/?token={guard.token}"
        serve(server.app, listening, address, opens=opens, tell=lambda: _show(address, opens, records, words))


def _tell_of_video(is_kept: bool, words: Words) -> None:
    if is_kept:
        typer.echo(words.say("This time the camera's pictures are kept, as {file} beside the report.", file=VIDEO))


def _show(address: str, opens: bool, records: bool, words: Words) -> None:
    say = words.say
    typer.echo(say("Opening {address}", address=address) if opens else say("Open {address}", address=address))
    typer.echo(say("This address works once and on this computer only. Ctrl-C ends."))
    _tell_of_video(records, words)


def _tell(result: SessionResult | None, session: LiveSession) -> None:
    """What was done, in the language that was spoken at the end."""
    words = words_of(session.catalogue.language)
    if result is None:
        typer.echo(words.say("Nothing was done, so there is no report."))
        if session.is_pain_noted is not None:
            key = "done.pain_noted" if session.is_pain_noted else "done.pain_not_noted"
            typer.echo(session.catalogue.text(key))
        return
    for line in report_in_words(result.report):
        typer.echo(line_in(line, words))
    typer.echo(words.say("results in {folder}", folder=result.folder))
