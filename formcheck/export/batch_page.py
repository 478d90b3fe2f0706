"""Many recordings on one page: what was found in each, with the way to its report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from formcheck.export.lines import line_in, lines_of
from formcheck.export.templating import page_from
from formcheck.export.words import words_of

ORDER: Final = ("error", "failed", "partial", "done")  # what wants a look comes first
FAILED: Final = ORDER[:2]
MOST_ROWS: Final = 2000  # a page of more is no overview and opens slowly; batch.csv holds all


def batch_page(rows: Sequence[Mapping[str, Any]], language: str = "en") -> str:
    """The page as text; self-contained, without a script. `rows` are those of batch.csv; what failed comes first."""
    words = words_of(language)
    ordered = sorted(rows, key=lambda row: ORDER.index(row["status"]))
    return page_from(
        "batch.html.j2",
        language=words.language,
        say=words.say,
        rows=[
            {**row, "found": [line_in(line, words) for line in lines_of(row["movements"])], "folder": _link(row)}
            for row in ordered[:MOST_ROWS]
        ],
        failed=FAILED,
        n_all=len(rows),
        n_done=sum(row["status"] == "done" for row in rows),
        n_partial=sum(row["status"] == "partial" for row in rows),
        n_failed=sum(row["status"] in FAILED for row in rows),
        minutes=words.plain(round(sum(row["duration_s"] for row in rows) / 60, 1)),
    )


def _link(row: Mapping[str, Any]) -> str:
    """The way to the results, from the page; not every name of a folder is text."""
    return quote(os.fsencode(row["results"]))
