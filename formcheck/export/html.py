"""The report as one page: no script, nothing fetched from anywhere, readable on a phone and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from formcheck.export import words
from formcheck.export.atomic import write_text
from formcheck.export.files import plain
from formcheck.export.page import page_of
from formcheck.export.stills import Album
from formcheck.series import Series

_TEMPLATES = Path(__file__).parent / "templates"


def write_html(
    path: Path, report: Mapping[str, Any], series: Series, album: Album | None = None, language: str = "en"
) -> None:
    """Write the report as one self-contained page.

    Args:
        path: where the page shall stand.
        report: content of report.json.
        series: readings of the session, for the charts.
        album: for pictures of moments; None for a page without.
        language: "en" or "de".

    Raises:
        ExportError: the file cannot be written.
    """
    write_text(path, html_page(report, series, album, language))


def html_page(report: Mapping[str, Any], series: Series, album: Album | None = None, language: str = "en") -> str:
    """The page as text; all that comes from the report is escaped."""
    content = page_of(plain(report), series, album or Album(), words.words_of(language))
    return page_from("report.html.j2", **content)


def page_from(template: str, **content: Any) -> str:
    """A page in the look of the report: its style, and what the template asks for."""
    style = Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8"))
    return _environment().get_template(template).render(style=style, **content)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["readable"] = words.readable
    return environment
