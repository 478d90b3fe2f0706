"""What the overlay writes, in the language of who will read it."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from formcheck.messages import page_catalogue
from formcheck.render.text import clean

MOST_KEPT: Final = 512  # sentences: looking one up among the patterns takes longer than drawing it


class OverlayWords:
    """The words of one language; what the engine says in English is turned into it."""

    def __init__(self, language: str) -> None:
        """Takes the catalogue of "en" or "de"; English for every other language."""
        catalogue = page_catalogue(language)
        self.decimal_mark = catalogue.decimal_mark
        self.fill = catalogue.fill
        self.say = lru_cache(MOST_KEPT)(catalogue.say)
        self.after = lru_cache(MOST_KEPT)(self._after)

    def number(self, figures: str) -> str:
        """Figures with the language's decimal mark."""
        return figures.replace(".", self.decimal_mark)

    def _after(self, start: str, reason: str) -> str:
        """The reason after `start` ("Not judged"), unless it is a whole sentence or begins so already.

        >>> words_of("en").after("Not counted", "held too short"), words_of("de").after("Not counted", "too short")
        ('Not counted: held too short', 'Nicht gezählt: zu kurz')
        """
        reason, begin = clean(reason), self.fill(start)
        if reason.lower().startswith(f"{start.lower()}: "):
            reason = reason[len(start) + 2 :]
        said = self.say(reason)
        if said.endswith(".") or said.lower().startswith(begin.lower()):
            return said[:1].upper() + said[1:]
        return f"{begin}: {said}"


@cache
def words_of(language: str) -> OverlayWords:
    """What writes for a language."""
    return OverlayWords(language)
