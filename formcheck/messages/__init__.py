"""What people read and hear, in their language: one catalogue for the page, the overlay and the voice.

Exercise and routine files, and the engine's reasons, speak English; a catalogue's `say` table turns such a sentence
into the language. Where it has none, the sentence stays as it is.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "de")
FOLDER: Final = Path(__file__).parent
_PLACE = re.compile(r"\\\{(\w+)\\\}")


class Catalogue:
    """The texts of one language.

    Attributes:
        language: "en" or "de".
        page: texts of the live page by key.
    """

    def __init__(self, language: str, page: dict[str, str], said: dict[str, str]) -> None:
        """`said`: English sentences, some with {places}, and what is said instead."""
        self.language = language
        self.page = page
        self._exact = {english: text for english, text in said.items() if "{" not in english}
        self._patterns = [(_pattern(english), text) for english, text in said.items() if "{" in english]

    def text(self, key: str, **values: object) -> str:
        """The text of a key with its {places} filled; KeyError when there is no such key."""
        return self.page[key].format(**values)

    def say(self, english: str) -> str:
        """A sentence of a file or of the engine in this language; as it is where no translation exists.

        >>> load_catalogue("de").say("I cannot see your left ankle")
        'Ich sehe deinen Knöchel links nicht'
        """
        if english in self._exact:
            return self._exact[english]
        for pattern, text in self._patterns:
            if found := pattern.fullmatch(english):
                return text.format(**{name: self.say(part) for name, part in found.groupdict().items()})
        return english


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(english)))


@cache
def load_catalogue(language: str) -> Catalogue:
    """The catalogue of "en" or "de"; English for every other language."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    values = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Catalogue(name, values["page"], values["say"])
