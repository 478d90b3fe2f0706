"""Numbers, times and sentences as people read them on a page, in their language."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final, TypeGuard

from markupsafe import Markup, escape

from formcheck.messages import Catalogue, page_catalogue

_DECIMALS: Final = {"deg": 0, "%": 0, "s": 1}
_OF_THE_TRUNK: Final = {"T": "%", "T/s": "%/s"}  # lengths of the trunk, which nobody knows by that sign


class Words:
    """Writes for one language."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Takes the words from a catalogue."""
        self.language = catalogue.language
        self._catalogue = catalogue
        self._known: dict[str, str] = {}

    def say(self, english: str, /, **values: object) -> str:
        """A sentence in the language; {places} are filled by values that are in the language already.

        >>> words_of("de").say("not counted"), words_of("en").say("{n} of {all} done", n=1, all=2)
        ('nicht gezählt', '1 of 2 done')
        """
        if values:
            return self._catalogue.fill(english, **values)
        if english not in self._known:
            self._known[english] = self._catalogue.say(english)
        return self._known[english]

    def number(self, value: Any, unit: str = "", reason: str | None = None) -> Markup:
        """The number with its unit, or "not known" with the reason; never 0 for what is missing.

        >>> str(words_of("en").number(24.13, "deg")), str(words_of("de").number(2.5))
        ('24°', '2,5')
        >>> "not known" in words_of("en").number(None, "deg", "hidden")
        True
        """
        if not is_known(value):
            why = Markup(" ({})").format(self.say(reason)) if reason else ""
            return Markup('<span class="unknown">{}{}</span>').format(self.say("not known"), why)
        return escape(self.plain(value, unit))

    def plain(self, value: Any, unit: str = "") -> str:
        """As `number`, without markup."""
        if not is_known(value):
            return self.say("not known")
        value = in_percent(value, unit)
        decimals = _DECIMALS.get(_OF_THE_TRUNK.get(unit, unit), 0 if float(value).is_integer() else 1)
        text = f"{value:.{decimals}f}"
        if float(text) == 0:
            text = text.lstrip("-")
        return self._decimal(text) + unit_sign(unit)

    def _decimal(self, text: str) -> str:
        return text.replace("-", "−").replace(".", self._catalogue.decimal_mark)

    def tick(self, value: float, unit: str = "") -> str:
        """A round number as it stands at an axis, without its unit."""
        return self._decimal(f"{in_percent(value, unit):g}")

    def clock(self, time_s: Any) -> str:
        """A time from the start as m:ss.

        >>> words_of("en").clock(75.26)
        '1:15'
        """
        if not is_known(time_s):
            return self.say("not known")
        whole = max(0, round(time_s))
        return f"{whole // 60}:{whole % 60:02d}"

    def from_to(self, start_s: Any, end_s: Any) -> str:
        """From when to when."""
        return f"{self.clock(start_s)}–{self.clock(end_s)}"

    def count(self, n: int, word: str) -> str:
        """The number with its word, given in the singular: "1 repetition", "2 repetitions"."""
        return f"{n} {self.say(word if n == 1 else f'{word}s')}"

    def listed(self, items: Iterable[str], most: int = 6) -> str:
        """The items with commas; those beyond `most` as a number."""
        items = list(items)
        rest = len(items) - most
        return ", ".join(items[:most]) + (" " + self.say("and {n} more", n=rest) if rest > 0 else "")

    def one_of(self, items: Sequence[str]) -> str:
        """The items with "or" between them."""
        return f" {self.say('or')} ".join(items)

    def day(self, time: date) -> str:
        """A day as people write it."""
        if self.language == "de":
            return f"{time.day}. {time.month}. {time.year}"
        return f"{time.day} {time:%b} {time.year}"

    def moment(self, iso: str | None) -> str | None:
        """Day and time of a moment told in ISO form, as on this computer's clock; None when there is none."""
        try:
            when = datetime.fromisoformat(iso or "").astimezone()
        except (ValueError, OverflowError, OSError):
            return None
        return f"{self.day(when)}, {when:%H:%M}"

    def deviation(self, english: str) -> str:
        """What differs from the reference, where it is said already that it is the reference.

        >>> words_of("en").deviation("left arm 25 degrees lower than the reference")
        'left arm 25 degrees lower'
        """
        return self.say(english.removesuffix(" than the reference"))

    def side(self, side: str | None) -> str:
        """A side or a direction; empty when there is none."""
        return self.say(_WAYS.get(side, side)) if side else ""


_WAYS: Final = {"cw": "clockwise", "ccw": "counter-clockwise"}


@cache
def words_of(language: str) -> Words:
    """What writes for a language: "en" or "de", English for every other one."""
    return Words(page_catalogue(language))


def is_known(value: Any) -> TypeGuard[float]:
    """Whether there is a number at all."""
    return isinstance(value, int | float) and math.isfinite(value)


def in_percent(value: float, unit: str) -> float:
    """The value as people read it: trunk lengths in percent of one, as over the picture.

    >>> in_percent(0.29, "T"), in_percent(24.5, "deg")
    (29.0, 24.5)
    """
    return round(100 * value, 9) if unit in _OF_THE_TRUNK else value


def unit_sign(unit: str) -> str:
    r"""What follows the number: a degree sign clings to it, other units keep a narrow distance.

    >>> [unit_sign(unit) for unit in ("deg", "s", "T", "")]
    ['°', '\xa0s', '\xa0%', '']
    """
    return "°" if unit == "deg" else f"\N{NO-BREAK SPACE}{_OF_THE_TRUNK.get(unit, unit)}" if unit else ""


def span(low_high: Any) -> str:
    """A target range: "6–8", or "6" where both ends agree; empty where there is none.

    >>> span([6, 8]), span([5, 5]), span(None)
    ('6–8', '5', '')
    """
    if low_high is None:
        return ""
    if is_known(low_high):
        return f"{low_high:g}"
    low, high = low_high
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def readable(identifier: str) -> str:
    """An id as words: "hold_short" becomes "Hold short"."""
    words = identifier.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def begun(sentence: str) -> str:
    """A sentence with its first letter large."""
    return sentence[:1].upper() + sentence[1:]


def file_name(path: str) -> str:
    r"""The last part of a path written on any system; the folders are the reader's own business.

    What in it is no text, as on Linux it may be, becomes a question mark.

    >>> file_name("C:\\clips\\back.mp4"), file_name("/clips/R\udcfccken.mp4")
    ('back.mp4', 'R?cken.mp4')
    """
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1].encode(errors="replace").decode()
