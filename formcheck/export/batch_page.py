"""Many recordings on one page: what was found in each, with the way to its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from formcheck.export.html import page_from
from formcheck.messages import page_catalogue

MOST_ROWS: Final = 2000  # a page of more is no overview and opens slowly; batch.csv holds all


def batch_page(rows: Sequence[Mapping[str, Any]], language: str = "en") -> str:
    """The page as text; self-contained, without a script. `rows` are those of batch.csv; failed ones come first."""
    words = page_catalogue(language)
    ordered = sorted(rows, key=lambda row: ("failed", "partial", "done").index(row["status"]))
    return page_from(
        "batch.html.j2",
        language=words.language,
        say=words.fill,
        rows=ordered[:MOST_ROWS],
        n_all=len(rows),
        n_done=sum(row["status"] == "done" for row in rows),
        n_partial=sum(row["status"] == "partial" for row in rows),
        n_failed=sum(row["status"] == "failed" for row in rows),
        minutes=sum(row["duration_s"] for row in rows) / 60,
    )
