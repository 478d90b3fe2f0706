"""The lines that say what was found in a recording, in the language of whoever reads them."""

from __future__ import annotations

import re
from typing import Final

from formcheck.export.words import Words

_BLOCK: Final = re.compile(r"(?P<title>.+?)(?P<when>, [0-9:]+-[0-9:]+)?: (?P<found>.+)")
_UNSURE: Final = re.compile(r"Not clear(?P<when>, [0-9:]+-[0-9:]+)(, (?P<reason>.+?))?: (?P<names>.+%\).*)")
_CANDIDATE: Final = re.compile(r"(.+?) \((\d+ %)\)(?: or )?")
_OF_ROUTINE: Final = re.compile(
    r"(?P<indent> *)(?P<title>.+?): (?P<status>done|partly done|skipped)( \((?P<reason>.+)\))?"
)
_JOINTS: Final = re.compile(r"(, | \(|\)|: | and | or )")
_BETWEEN: Final = re.compile(r"; (?![^()]*\))")  # a reason in brackets may have the same sign


def lines_of(joined: str) -> list[str]:
    """The lines that a row of batch.csv holds in one.

    >>> lines_of("Calf roll: skipped (not seen; too dark); Low back rock: done")
    ['Calf roll: skipped (not seen; too dark)', 'Low back rock: done']
    """
    return list(filter(None, _BETWEEN.split(joined)))


def line_in(line: str, words: Words) -> str:
    """A line of `formcheck.wording.report_in_words`, part by part in the language.

    >>> from formcheck.export.words import words_of
    >>> line_in("Calf roll, 0:01-0:12: 2 of 10 rounds (4 of 20 sides)", words_of("de"))
    'Wadenrollen, 0:01-0:12: 2 von 10 Runden (4 von 20 Seiten)'
    """
    if parts := _OF_ROUTINE.fullmatch(line):
        told = f"{parts['indent']}{_title(parts['title'], words)}: {words.say(parts['status'])}"
        reasons = "; ".join(words.say(reason) for reason in (parts["reason"] or "").split("; "))
        return f"{told} ({reasons})" if reasons else told
    if parts := _UNSURE.fullmatch(line):
        names = [f"{words.say(name)} ({share})" for name, share in _CANDIDATE.findall(parts["names"])]
        reason = f", {words.say(parts['reason'])}" if parts["reason"] else ""
        return f"{words.say('Not clear')}{parts['when']}{reason}: {words.one_of(names)}"
    if parts := _BLOCK.fullmatch(line):
        return f"{_title(parts['title'], words)}{parts['when'] or ''}: {_part_by_part(parts['found'], words)}"
    return line


def _title(title: str, words: Words) -> str:
    """A movement's title, which may have its side or direction behind it."""
    told, (name, comma, side) = words.say(title), title.rpartition(", ")
    return f"{words.say(name)}{comma}{words.say(side)}" if told == title and comma else told


def _part_by_part(text: str, words: Words) -> str:
    """Counts and reasons, each by itself in the language."""
    counts, _, reason = text.partition(", not judged: ")
    told = "".join(words.say(part) for part in _JOINTS.split(counts))
    return f"{told}, {words.say('not judged')}: {words.say(reason)}" if reason else told
