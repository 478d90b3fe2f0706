"""What came of a batch: batch.csv with a row for each recording, and a page that leads to every report."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from formcheck.batch.task import Row
from formcheck.export.batch_page import batch_page
from formcheck.export.files import write_table
from formcheck.whole_files import write_text

CSV: Final = "batch.csv"
PAGE: Final = "batch.html"


def write_summary(out_dir: Path, rows: Iterable[Row], language: str = "en") -> None:
    """Writes both files, in the order of the rows.

    Raises:
        ExportError: a file cannot be written.
    """
    table = [dataclasses.asdict(row) for row in rows]
    header = [field.name for field in dataclasses.fields(Row)]
    write_table(out_dir / CSV, header, [list(row.values()) for row in table])
    write_text(out_dir / PAGE, batch_page(table, language))
