"""The report as one page: no script, nothing fetched from anywhere, readable on a phone and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formcheck.export.files import plain
from formcheck.export.page import page_of
from formcheck.export.stills import Album
from formcheck.export.templating import page_from
from formcheck.export.words import words_of
from formcheck.series import Series
from formcheck.whole_files import write_text


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
    content = page_of(plain(report), series, album or Album(), words_of(language))
    return page_from("report.html.j2", **content)
