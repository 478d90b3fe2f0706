"""`formcheck report`: the results of an analysis in another format."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from formcheck.cli.failures import DONE, run_plainly
from formcheck.errors import UsageError
from formcheck.stored import POSES, Stored, open_stored


@dataclass(frozen=True)
class Format:
    """One format: the usual name of its file, and what writes it; what that returns is said of the file."""

    file_name: str
    write: Callable[[Path, Stored, float | None], str]


def _json(path: Path, stored: Stored, _: float | None) -> str:
    from formcheck.export.files import write_json

    write_json(path, stored.report)
    return ""


def _csv(path: Path, stored: Stored, _: float | None) -> str:
    from formcheck.export.files import write_csvs

    write_csvs(path, stored.report, stored.series)
    return "reps.csv, holds.csv, angles.csv"


def _html(path: Path, stored: Stored, _: float | None) -> str:
    from formcheck.export.html import write_html

    write_html(path, stored.report, stored.series)
    return ""


def _pdf(path: Path, stored: Stored, _: float | None) -> str:
    from formcheck.export.html import html_page
    from formcheck.export.pdf import write_pdf

    write_pdf(path, html_page(stored.report, stored.series))
    return ""


def _fit(path: Path, stored: Stored, _: float | None) -> str:
    from formcheck.export.fit import write_fit

    write_fit(path, stored.report, stored.started)
    return ""


def _fhir(path: Path, stored: Stored, _: float | None) -> str:
    from formcheck.export.fhir import fhir_bundle
    from formcheck.export.files import write_json

    write_json(path, fhir_bundle(stored.report, stored.started))
    return ""


def _trc(path: Path, stored: Stored, ball_cm: float | None) -> str:
    from formcheck.export.trc import write_trc

    told_cm = (stored.report["source"].get("ball") or {}).get("cm")
    return write_trc(path, stored.poses, ball_cm or told_cm)


def _coco(path: Path, stored: Stored, _: float | None) -> str:
    import json

    from formcheck.export.atomic import write_text
    from formcheck.export.coco import coco_keypoints

    write_text(path, json.dumps(coco_keypoints(stored.poses, stored.name)) + "\n")
    return ""


def _poses(path: Path, stored: Stored, _: float | None) -> str:
    from formcheck.export.atomic import whole_file

    kept = stored.folder / POSES
    if len(stored.poses) and path.resolve() != kept.resolve():
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


def export_one(log: Path, name: str, out: Path | None, *, ball_cm: float | None, debug: bool) -> int:
    """Writes one format of stored results; returns the exit status."""

    def job() -> int:
        if name not in FORMATS:
            close = difflib.get_close_matches(name, FORMATS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(FORMATS)}"
            raise UsageError(f"there is no format {name!r}; {hint}")
        if ball_cm is not None and name != "trc":
            raise UsageError("--ball-cm belongs to --format trc")
        stored = open_stored(log)
        path = out or stored.folder / FORMATS[name].file_name
        if out is not None and name != "csv" and out.is_dir():
            path = out / FORMATS[name].file_name
        said = FORMATS[name].write(path, stored, ball_cm)
        typer.echo(f"{path}: {said}" if said else str(path))
        return DONE

    return run_plainly(job, debug=debug)
