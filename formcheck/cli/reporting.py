"""`formcheck report`: the results of an analysis in another format."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from formcheck.cli.failures import DONE, run_plainly
from formcheck.cli.places import place_of
from formcheck.errors import SourceError, UsageError
from formcheck.messages import LANGUAGES
from formcheck.stored import POSES, Stored, made_from, open_stored

if TYPE_CHECKING:
    from formcheck.export.stills import Album


@dataclass(frozen=True)
class Wishes:
    """What was asked for beside the format.

    Attributes:
        ball_cm: size of the ball, for the scale of a TRC file; None: as the analysis was told.
        language: of a page.
        video: the recording, to show its pictures on a page; None: skeletons alone.
    """

    ball_cm: float | None = None
    language: str = "en"
    video: Path | None = None


@dataclass(frozen=True)
class Format:
    """One format: the usual name of its file, and what writes it; what that returns is said of the file."""

    file_name: str
    write: Callable[[Path, Stored, Wishes], str]


def _json(path: Path, stored: Stored, _: Wishes) -> str:
    from formcheck.export.files import write_json

    write_json(path, stored.report)
    return ""


def _csv(path: Path, stored: Stored, _: Wishes) -> str:
    from formcheck.export.files import write_csvs

    write_csvs(path, stored.report, stored.series)
    return "reps.csv, holds.csv, angles.csv"


def _html(path: Path, stored: Stored, wishes: Wishes) -> str:
    from formcheck.export.html import write_html

    write_html(path, stored.report, stored.series, _album(stored, wishes.video), wishes.language)
    return ""


def _pdf(path: Path, stored: Stored, wishes: Wishes) -> str:
    from formcheck.export.html import html_page
    from formcheck.export.pdf import write_pdf

    write_pdf(path, html_page(stored.report, stored.series, _album(stored, wishes.video), wishes.language))
    return ""


def _album(stored: Stored, video: Path | None) -> Album:
    """What the stills of a page are made from; none where no poses were kept, or damaged ones."""
    from formcheck.export.stills import Album

    if video is not None:
        from formcheck.export.moments import times_of
        from formcheck.sources.pictures import pictures_at

        rotate_deg = stored.poses.meta.get("rotate_deg")  # as the poses were read
        return Album(stored.poses, pictures_at(video, times_of(stored.report), rotate_deg))
    try:
        return Album(stored.poses)
    except SourceError:
        return Album()


def _fit(path: Path, stored: Stored, _: Wishes) -> str:
    from formcheck.export.fit import write_fit

    write_fit(path, stored.report, stored.started)
    return ""


def _fhir(path: Path, stored: Stored, _: Wishes) -> str:
    from formcheck.export.fhir import fhir_bundle
    from formcheck.export.files import write_json

    write_json(path, fhir_bundle(stored.report, stored.started))
    return ""


def _trc(path: Path, stored: Stored, wishes: Wishes) -> str:
    from formcheck.export.trc import write_trc

    told_cm = (stored.report["source"].get("ball") or {}).get("cm")
    return write_trc(path, stored.poses, wishes.ball_cm or told_cm)


def _coco(path: Path, stored: Stored, _: Wishes) -> str:
    import json

    from formcheck.export.coco import coco_keypoints
    from formcheck.whole_files import write_text

    write_text(path, json.dumps(coco_keypoints(stored.poses, stored.name)) + "\n")
    return ""


def _poses(path: Path, stored: Stored, _: Wishes) -> str:
    from formcheck.whole_files import whole_file

    kept, poses = stored.folder / POSES, stored.poses
    if not kept.is_file():  # they came from a file of another name
        with whole_file(path) as part:
            poses.save(part)
    elif path.resolve() != kept.resolve():
        with whole_file(path) as part:
            shutil.copyfile(kept, part)
    return ""


FORMATS: Final[dict[str, Format]] = {
    "json": Format("report.json", _json),
    "csv": Format("", _csv),
    "html": Format("report.html", _html),
    "pdf": Format("report.pdf", _pdf),
    "fit": Format("activity.fit", _fit),
    "fhir": Format("fhir.json", _fhir),
    "trc": Format("poses.trc", _trc),
    "coco": Format("keypoints.json", _coco),
    "poses": Format(POSES, _poses),
}


def check_language(language: str) -> None:
    """Raises UsageError for a language that is not spoken."""
    if language not in LANGUAGES:
        raise UsageError(f"there is no language {language!r}; known: {', '.join(LANGUAGES)}")


PAGES: Final = frozenset({"html", "pdf"})
_OF_ENDINGS: Final = {f".{name}": name for name in ("json", "csv", "pdf", "fit", "trc")} | {".npz": "poses"}


def export_one(log: Path, wanted: str | None, out: str | None, wishes: Wishes, *, debug: bool) -> int:
    """Writes one format of stored results; returns the exit status.

    Without a format it is the one that the ending of `out` names, else a page.
    """

    def job() -> int:
        from formcheck.session import check_wishes

        name = wanted or _OF_ENDINGS.get(Path(out or "").suffix.lower(), "html")
        if name not in FORMATS:
            close = difflib.get_close_matches(name, FORMATS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(FORMATS)}"
            raise UsageError(f"there is no format {name!r}; {hint}")
        if wishes.ball_cm is not None and name != "trc":
            raise UsageError("--ball-cm belongs to --format trc")
        if wishes.video is not None and name not in PAGES:
            raise UsageError("--pictures belongs to --format html or pdf")
        check_language(wishes.language)
        check_wishes(None, None, wishes.ball_cm, None)
        stored = open_stored(log)
        usual = FORMATS[name].file_name
        path = place_of(out, usual) if out else stored.folder / usual
        if name == "csv" and path.suffix.lower() == ".csv" and not path.is_dir():
            raise UsageError(f"{path}: --format csv makes three files; give a folder for them with --out")
        with made_from(log):
            said = FORMATS[name].write(path, stored, wishes)
        typer.echo(f"{path}: {said}" if said else str(path))
        return DONE

    return run_plainly(job, debug=debug, language=wishes.language)
