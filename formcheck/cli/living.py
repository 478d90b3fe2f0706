"""`formcheck live`: a page in the browser on this computer, or a window; a report at the end."""

from __future__ import annotations

import contextlib
import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

from formcheck.assets import FAST_MODEL, find_model
from formcheck.cli.failures import DONE, run_plainly
from formcheck.errors import UsageError
from formcheck.live.eyes import Eyes
from formcheck.live.ownfolder import own_folder
from formcheck.live.past import Past
from formcheck.live.plan import Plan
from formcheck.live.recorder import VIDEO, Recorder
from formcheck.live.session import LiveSession
from formcheck.reading import versions_of
from formcheck.session import SessionResult, writable
from formcheck.userdata import data_dir
from formcheck.web.settings import read_settings
from formcheck.wording import report_in_words

PAIN_NOTED: Final = "That something hurt is noted in the history."
PAIN_NOT_NOTED: Final = "Something hurt, and that could not be noted: write it down for your physiotherapist."


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
    debug: bool,
) -> int:
    """Guides a person at a camera until the program is ended; returns the exit status."""

    def job() -> int:
        if routine and exercise:
            raise UsageError("give either a routine or an exercise, not both")
        folder = data_dir(data)
        with writable(out):
            pass  # tried before somebody begins, not when all is done
        settings = read_settings(folder / "settings.json")
        past = Past(folder if history else None, _warn)
        with (
            own_folder(folder / "live") as state_folder,
            _session(out, settings, state_folder, past, record=record) as session,
        ):
            if routine or exercise:
                session.choose("routine" if routine else "exercise", routine or exercise or "")
            if in_window:
                from formcheck.live.window import run_in_window

                _tell_of_video(record)
                run_in_window(session, camera or "0")
            else:
                _serve(session, settings, folder / "settings.json", camera, port, opens=opens, records=record)
            _tell(session.finish(), session.is_pain_noted)
            if session.trouble:
                _warn(session.trouble)
        return DONE

    return run_plainly(job, debug=debug)


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
        number = listening.getsockname()[1]
        guard = Guard(number)
        own = stack.enter_context(Camera(camera)) if camera is not None else None
        server = LiveServer(session, guard, settings, settings_path, own, records=records)
        address = f"http://{HOST}:{number}/?token={guard.token}"
        serve(server.app, listening, address, opens=opens, tell=lambda: _show(address, opens, records))


def _tell_of_video(is_kept: bool) -> None:
    if is_kept:
        typer.echo(f"This time the camera's pictures are kept, as {VIDEO} beside the report.")


def _show(address: str, opens: bool, records: bool) -> None:
    typer.echo(f"Open {address}" if not opens else f"Opening {address}")
    typer.echo("This address works once and on this computer only. Ctrl-C ends.")
    _tell_of_video(records)


def _warn(text: str) -> None:
    typer.echo(f"formcheck: {text}", err=True)


def _tell(result: SessionResult | None, is_pain_noted: bool | None) -> None:
    if result is None:
        typer.echo("Nothing was done, so there is no report.")
        if is_pain_noted is not None:
            typer.echo(PAIN_NOTED if is_pain_noted else PAIN_NOT_NOTED)
        return
    for line in report_in_words(result.report):
        typer.echo(line)
    typer.echo(f"results in {result.folder}")
