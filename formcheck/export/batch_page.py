"""Many recordings on one page: what was found in each, with the way to its report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from formcheck.export.templating import page_from
from formcheck.export.words import Words, words_of

ORDER: Final = ("error", "failed", "partial", "done")  # what wants a look comes first
FAILED: Final = ORDER[:2]
MOST_ROWS: Final = 2000  # a page of more is no overview and opens slowly; batch.csv holds all

_LINE: Final = re.compile(r"(?P<title>.+?)(?P<when>, [0-9:]+-[0-9:]+)?: (?P<found>.+)")
_JOINTS: Final = re.compile(r"(, | \(|\)|: | and | or )")


def batch_page(rows: Sequence[Mapping[str, Any]], language: str = "en") -> str:
    """The page as text; self-contained, without a script. `rows` are those of batch.csv; what failed comes first."""
    words = words_of(language)
    ordered = sorted(rows, key=lambda row: ORDER.index(row["status"]))
    return page_from(
        "batch.html.j2",
        language=words.language,
        say=words.say,
        rows=[{**row, "found": _found(row["movements"], words)} for row in ordered[:MOST_ROWS]],
        failed=FAILED,
        n_all=len(rows),
        n_done=sum(row["status"] == "done" for row in rows),
        n_partial=sum(row["status"] == "partial" for row in rows),
        n_failed=sum(row["status"] in FAILED for row in rows),
        minutes=words.plain(round(sum(row["duration_s"] for row in rows) / 60, 1)),
    )


def _found(movements: str, words: Words) -> list[str]:
    """What a row says was found, a line for each movement, in the language.

    >>> _found("Calf roll, 0:01-0:12: 2 of 10 rounds (4 of 20 sides)", words_of("de"))
    ['Wadenrollen, 0:01-0:12: 2 von 10 Runden (4 von 20 Seiten)']
    """
    lines = []
    for line in filter(None, movements.split("; ")):
        if parts := _LINE.fullmatch(line):
            title = words.say(parts["title"])
            title = title if title != parts["title"] else _part_by_part(title, words)
            line = f"{title}{parts['when'] or ''}: {_part_by_part(parts['found'], words)}"
        lines.append(line)
    return lines


def _part_by_part(text: str, words: Words) -> str:
    """Counts and reasons, each by itself in the language."""
    counts, _, reason = text.partition(", not judged: ")
    told = "".join(words.say(part) for part in _JOINTS.split(counts))
    return f"{told}, {words.say('not judged')}: {words.say(reason)}" if reason else told
