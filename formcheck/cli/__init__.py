"""The command line. Only typer is imported here: each command loads what it needs when it runs."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="formcheck",
    help="Watches a fit-ball back routine: counts repetitions and holds, says what to correct.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
exercises_app = typer.Typer(invoke_without_command=True)
app.add_typer(exercises_app, name="exercises")

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Language = Annotated[
    str,
    typer.Option("--lang", "--language", metavar="en|de", help="Language of what is shown and written."),
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Where the history is kept, instead of the user's data folder."),
]


def main() -> None:
    """Entry point of the program `formcheck`."""
    from formcheck.cli.failures import end_like_ctrl_c, quiet_without_a_reader

    end_like_ctrl_c()
    with quiet_without_a_reader():
        app()


def _complete_exercise(incomplete: str) -> list[str]:
    from formcheck.registry import exercise_ids, own_exercise_ids

    return [name for name in [*exercise_ids(), *own_exercise_ids()] if name.startswith(incomplete)]


def _complete_routine(incomplete: str) -> list[str]:
    from formcheck.registry import routine_ids

    return [name for name in routine_ids() if name.startswith(incomplete)]


def _complete_format(incomplete: str) -> list[str]:
    from formcheck.cli.reporting import FORMATS

    return [name for name in FORMATS if name.startswith(incomplete)]


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"formcheck {sys.modules['formcheck'].__version__}")
        raise typer.Exit


class Engine(StrEnum):
    """Who does the work of a batch."""

    LOCAL = "local"
    DASK = "dask"


class PoseRate(StrEnum):
    """How often the pose network is asked."""

    FULL = "full"
    AUTO = "auto"


@app.callback()
def formcheck(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Watches a fit-ball back routine: counts repetitions and holds, says what to correct."""


@app.command()
def analyze(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE", help="Videos, pose logs (.npz), or folders of them.")
    ],
    exercise: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            autocompletion=_complete_exercise,
            help="The movement shown (see `formcheck exercises`), or a .toml file; else recognised.",
        ),
    ] = None,
    routine: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            autocompletion=_complete_routine,
            help="The routine that was done (see `formcheck routines`), or a .toml file.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Results go to a folder for each source in here.")] = Path(
        "formcheck-out"
    ),
    video: Annotated[bool, typer.Option("--video/--no-video", help="Draw the annotated video.")] = True,
    model: Annotated[Path | None, typer.Option(metavar="PATH", help="Another pose landmarker bundle (.task).")] = None,
    ball_at: Annotated[
        str | None, typer.Option(metavar="X,Y", help="A point on the ball, in pixels, where it is not found without.")
    ] = None,
    ball_cm: Annotated[
        float | None, typer.Option(metavar="N", help="The ball's diameter in cm: it becomes the ruler.")
    ] = None,
    rotate: Annotated[
        int | None,
        typer.Option(
            metavar="0|90|180|270", help="Turn the pictures clockwise by this much, where the video lies on its side."
        ),
    ] = None,
    language: Language = "en",
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Show pictures of the camera in report.html, not skeletons alone.")
    ] = False,
    pose_rate: Annotated[
        PoseRate,
        typer.Option(help="auto asks the pose network less often while the body hardly moves: up to twice as fast."),
    ] = PoseRate.FULL,
    jobs: Annotated[
        int, typer.Option(min=1, help="Recordings at a time; with a single one, processes that share it.")
    ] = 1,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="File what was counted in the history on this computer.")
    ] = True,
    data: DataDir = None,
    debug: Debug = False,
) -> None:
    """Analyse recordings: report, tables, events, poses, annotated video.

    Exit status: 0 done, 1 a fault of formcheck, 2 a mistake in the call or the file, 3 read only in part.
    """
    from formcheck.batch.task import Settings
    from formcheck.cli.analyzing import analyze_all

    settings = Settings(
        exercise,
        routine,
        video,
        pose_rate.value,
        language,
        model,
        ball_cm=ball_cm,
        rotate_deg=rotate,
        pictures=pictures,
    )
    raise typer.Exit(
        analyze_all(sources, out, settings, ball_at=ball_at, jobs=jobs, history=history, data=data, debug=debug)
    )


@app.command()
def batch(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="FOLDER|LIST", help="Folders (with all in them), lists (.txt), or recordings."),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Results, batch.csv and batch.html go in here.")],
    exercise: Annotated[
        str | None,
        typer.Option(metavar="ID", autocompletion=_complete_exercise, help="The movement all show; else recognised."),
    ] = None,
    routine: Annotated[
        str | None, typer.Option(metavar="ID", autocompletion=_complete_routine, help="The routine all show.")
    ] = None,
    video: Annotated[bool, typer.Option("--video/--no-video", help="Draw the annotated videos.")] = True,
    jobs: Annotated[int, typer.Option(min=1, help="Processes on this computer.")] = 1,
    engine: Annotated[Engine, typer.Option(help="dask: the machines of a cluster do it.")] = Engine.LOCAL,
    address: Annotated[
        str | None, typer.Option(metavar="HOST", help="Of the Dask scheduler, as tcp://host:8786; else one of its own.")
    ] = None,
    ship: Annotated[
        bool,
        typer.Option("--ship", help="Send recordings and results through the cluster, not their paths."),
    ] = False,
    pose_rate: Annotated[
        PoseRate, typer.Option(help="auto asks the pose network less often while the body hardly moves.")
    ] = PoseRate.FULL,
    language: Language = "en",
    debug: Debug = False,
) -> None:
    """Analyse many recordings: results for each, a row for each; a second start goes on where the first ended.

    Exit status: as of analyze, the worst of all recordings.
    """
    from formcheck.batch.task import Settings
    from formcheck.cli.batching import analyze_many

    settings = Settings(exercise, routine, video, pose_rate.value, language)
    raise typer.Exit(
        analyze_many(
            sources,
            out,
            settings,
            jobs=jobs,
            engine=engine.value,
            address=address,
            ships=ship,
            debug=debug,
        )
    )


@app.command()
def live(
    routine: Annotated[
        str | None,
        typer.Option(metavar="ID", autocompletion=_complete_routine, help="The routine to do, or a .toml file."),
    ] = None,
    exercise: Annotated[
        str | None,
        typer.Option(metavar="ID", autocompletion=_complete_exercise, help="The movement to do, or a .toml file."),
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(
            metavar="N|URL|FILE",
            help="A camera of this computer by its number, of the network by its address, or a video played as one; "
            "else the browser's.",
        ),
    ] = None,
    window: Annotated[bool, typer.Option("--window", help="A window instead of a page in the browser.")] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Keep the camera's pictures as a video in the results; else none is kept.")
    ] = False,
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 for any that is free.")] = 0,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Results go to a folder for each time in here.")] = Path(
        "formcheck-out"
    ),
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="File what was counted in the history on this computer.")
    ] = True,
    data: DataDir = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--lang",
            "--language",
            metavar="en|de",
            help="Language of what is shown, spoken and written; else as chosen on the page, or the browser's.",
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Be guided in front of a camera: set-up, counts, corrections, a report."""
    from formcheck.cli.living import run_live

    raise typer.Exit(
        run_live(
            routine,
            exercise,
            camera,
            out,
            in_window=window,
            opens=opens,
            port=port,
            history=history,
            data=data,
            record=record,
            language=language,
            debug=debug,
        )
    )


@app.command()
def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the results go.")] = Path("formcheck-demo"),
    language: Language = "en",
    debug: Debug = False,
) -> None:
    """Analyse the sample recording that comes with formcheck, and show what comes out."""
    from formcheck.cli.demo import run_demo

    raise typer.Exit(run_demo(out, language, debug=debug))


@app.command()
def report(
    log: Annotated[
        Path,
        typer.Argument(
            metavar="LOG", help="A folder of results, or its events.jsonl, report.json or poses.npz. Needs no video."
        ),
    ],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            autocompletion=_complete_format,
            help="json, csv, html, pdf, fit (activity), fhir (R4), trc (OpenSim), coco (keypoints) or poses (npz); "
            "else what the ending of --out names, or html.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="A file, or a folder (ends with /; csv: always); else beside the log."),
    ] = None,
    ball_cm: Annotated[
        float | None, typer.Option(metavar="N", help="The ball's diameter in cm: gives a TRC file its scale.")
    ] = None,
    language: Language = "en",
    pdf: Annotated[bool, typer.Option("--pdf", help="The same as --format pdf; needs an installed Chromium.")] = False,
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="VIDEO", help="Show pictures of the recording in the page, where else skeletons stand."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Make the report of an analysis again, or export it in another format."""
    from formcheck.cli.reporting import Wishes, export_one

    wishes = Wishes(ball_cm, language, pictures)
    raise typer.Exit(export_one(log, "pdf" if pdf else format_, out, wishes, debug=debug))


@app.command()
def agree(
    results: Annotated[list[Path], typer.Argument(metavar="REPORT", help="Result folders, or their report.json.")],
    labels: Annotated[
        Path,
        typer.Option(
            metavar="FILE.csv",
            help="Columns: recording, exercise, counted, held_s, faults (ids with ; between, or none).",
        ),
    ],
    debug: Debug = False,
) -> None:
    """Compare reports with what a person saw, so that anybody can check formcheck on recordings of their own."""
    from formcheck.cli.agreeing import agree

    raise typer.Exit(agree(results, labels, debug=debug))


@app.command()
def learn(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="VIDEO", help="One to five good repetitions and nothing else; or pose logs."),
    ],
    name: Annotated[str, typer.Option(metavar="NAME", help='What the movement is called, such as "Wall angel".')],
    view: Annotated[
        str | None, typer.Option(metavar="VIEW", help="From where it is judged: side, front, back ...; else as shown.")
    ] = None,
    reps: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many repetitions are shown, if known.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Teach a movement of yours anew.")] = False,
    language: Language = "en",
    debug: Debug = False,
) -> None:
    """Teach a movement by showing it: a few good repetitions are enough, no code."""
    from formcheck.cli.teach import teach

    raise typer.Exit(teach(sources, name, view, reps, replace=replace, language=language, debug=debug))


@app.command()
def history(
    trends: Annotated[
        str | None, typer.Option(metavar="OUT.html", help="Write a page of what changed, with the measuring noise.")
    ] = None,
    export: Annotated[str | None, typer.Option(metavar="OUT.json", help="Write all that is kept.")] = None,
    delete: Annotated[str | None, typer.Option(metavar="NO|all", help="Forget one session, or everything.")] = None,
    pain: Annotated[
        str | None,
        typer.Option(metavar="NO|now", help="It hurt: in a session, or now; with --exercise in one movement."),
    ] = None,
    refuse: Annotated[
        str | None, typer.Option(metavar="ID", autocompletion=_complete_exercise, help="Not the next step of this one.")
    ] = None,
    exercise: Annotated[
        str | None, typer.Option(metavar="ID", autocompletion=_complete_exercise, help="The movement that hurt.")
    ] = None,
    language: Language = "en",
    data: DataDir = None,
    debug: Debug = False,
) -> None:
    """List the sessions and every movement's next step; trends, export, deletion, pain marks."""
    from formcheck.cli.past import delete_from_history, mark, show_history

    if delete is not None:
        raise typer.Exit(delete_from_history(data, delete, language, debug=debug))
    if pain is not None or refuse is not None or exercise is not None:
        raise typer.Exit(mark(data, pain, refuse, exercise, language, debug=debug))
    raise typer.Exit(show_history(data, trends, export, language, debug=debug))


@app.command()
def doctor() -> None:
    """Look for what is missing or unsuitable on this computer. Exit status: 0 nothing, 1 something."""
    from formcheck.cli.diagnosis import print_diagnosis

    raise typer.Exit(print_diagnosis())


@exercises_app.callback()
def exercises(context: typer.Context, language: Language = "en", debug: Debug = False) -> None:
    """List the movements, explain one, or check a file.

    Exit status of the list: 0, or 2 where a file of your own cannot be used; it is named, the others are listed.
    """
    if context.invoked_subcommand is None:
        from formcheck.cli.movements import print_list

        raise typer.Exit(print_list(language, debug=debug))


@exercises_app.command("check")
def check_exercise(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An exercise file (.toml) of your own.")],
    debug: Debug = False,
) -> None:
    """Say what is wrong with an exercise file, with line numbers. Exit status: 0 it can be used, 2 it cannot."""
    from formcheck.cli.movements import print_check

    raise typer.Exit(print_check(file, debug=debug))


@exercises_app.command("show")
def show_exercise(
    name: Annotated[
        str, typer.Argument(metavar="ID", autocompletion=_complete_exercise, help="A movement, or a .toml file.")
    ],
    context: typer.Context,
    language: Language = "en",
    debug: Debug = False,
) -> None:
    """Explain one movement: how to set up, what counts, what is corrected."""
    from formcheck.cli.movements import print_one

    of_the_list = context.parent.params["language"] if context.parent else language  # given before "show"
    raise typer.Exit(print_one(name, language if language != "en" else of_the_list, debug=debug))


@app.command()
def routines(
    name: Annotated[
        str | None,
        typer.Argument(metavar="ID", autocompletion=_complete_routine, help="A routine, or a .toml file."),
    ] = None,
    language: Language = "en",
    debug: Debug = False,
) -> None:
    """List the routines, or show the timeline of one."""
    from formcheck.cli.routine_lists import print_routines

    raise typer.Exit(print_routines(name, language, debug=debug))
