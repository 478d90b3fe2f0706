"""What people read and hear, in their language: one catalogue for the page, the overlay, the voice and the reports.

Exercise and routine files, and the engine's reasons, speak English; a catalogue's `say` table turns such a sentence
into the language. Where it has none, the sentence stays as it is.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

LANGUAGES: Final = ("en", "de")
FOLDER: Final = Path(__file__).parent
_PLACE = re.compile(r"\\\{(\w+)\\\}")
_NUMBERS: Final = frozenset("ns")  # names of places that hold nothing but a number
_AS_IS: Final = frozenset(("path", "as_is"))  # of places that hold what is in no language
_IN_FULL: Final = frozenset(("one", "other"))  # of places that hold nothing but what is known: else two languages mix
_DECIMAL = re.compile(r"[-−]?\d+\.\d+")
_DECIMAL_MARKS: Final = {"de": ","}


class Catalogue:
    """The texts of one language.

    Attributes:
        language: "en" or "de".
        page: texts of the live page by key.
    """

    def __init__(
        self,
        language: str,
        page: dict[str, str],
        said: dict[str, str],
        written: dict[str, str] | None = None,
        below: Catalogue | None = None,
    ) -> None:
        """The tables of a language.

        Args:
            language: "en" or "de".
            page: texts by key.
            said: English sentences, some with {places}, and what is said instead; of several that fit, the one with
                the most words of its own.
            written: the same of sentences that `fill` gets before their places are filled.
            below: is asked for what this one does not know.
        """
        self.language = language
        self.page = page
        self._written = written or {}
        self._below = below
        self._exact = {english: text for english, text in said.items() if "{" not in english}
        in_parts = sorted((english for english in said if "{" in english), key=_n_fixed, reverse=True)
        self._patterns = [(_pattern(english), said[english]) for english in in_parts]

    def text(self, key: str, **values: object) -> str:
        """The text of a key with its {places} filled; KeyError when there is no such key."""
        return self.page[key].format(**values)

    def say(self, english: str) -> str:
        """A sentence of a file or of the engine in this language; as it is where no translation exists.

        >>> load_catalogue("de").say("I cannot see your left ankle")
        'Ich sehe deinen Knöchel links nicht'
        """
        if (own := self._known(english)) is not None:
            return own
        if _DECIMAL.fullmatch(english):
            return english.replace(".", self.decimal_mark)
        for pattern, text in self._patterns:
            if found := pattern.fullmatch(english):
                parts = found.groupdict()
                told = {name: part if name in _AS_IS else self.say(part) for name, part in parts.items()}
                if all(told[name] != part for name, part in parts.items() if name in _IN_FULL):
                    return text.format(**told)
        if self._below:
            return self._below.say(english)
        return english

    def _known(self, english: str) -> str | None:
        """What stands for exactly this sentence; a label in the middle of a sentence begins small."""
        for name in (english, english[:1].upper() + english[1:]):
            found = self._written.get(name) or self._exact.get(name)
            if found is None and self._below:
                found = self._below._exact.get(name)
            if found is not None:
                return found
        return None

    def fill(self, english: str, **values: object) -> str:
        """The text of a page's own sentence, with its {places} filled by values that are in the language already.

        >>> page_catalogue("de").fill("{n} of {all} done", n=2, all=6)
        '2 von 6 getan'
        """
        return self._written.get(english, english).format(**values)

    @property
    def decimal_mark(self) -> str:
        """What stands between the whole and the parts of a number."""
        return _DECIMAL_MARKS.get(self.language, ".")


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(_place, re.escape(english)))


def _n_fixed(english: str) -> int:
    """How much of a sentence is not left to its places."""
    return len(re.sub(r"\{\w+\}", "", english))


def _place(found: re.Match[str]) -> str:
    return rf"(?P<{found[1]}>{r'[-−]?[0-9.]+' if found[1] in _NUMBERS else '.+?'})"


@cache
def load_catalogue(language: str) -> Catalogue:
    """The catalogue of "en" or "de"; English for every other language."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    values = _read(f"{name}.toml")
    return Catalogue(name, values["page"], values["say"])


@cache
def page_catalogue(language: str) -> Catalogue:
    """The words of the report and of the history; English for every other language.

    A report tells what was, where the live page asks for something: what the report says of its own goes first.
    """
    others = load_catalogue(language)
    if others.language == LANGUAGES[0]:
        return Catalogue(others.language, {}, {})
    own = _read(f"pages.{others.language}.toml")
    return Catalogue(others.language, {}, own["say"], own["text"], others)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
