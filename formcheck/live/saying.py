"""What is spoken, and shown as a caption: gathered until the next message takes it along."""

from __future__ import annotations

from formcheck.live.message import Json, block_title
from formcheck.live.plan import Block
from formcheck.messages import Catalogue


class Speaker:
    """Says things in the person's language.

    Attributes:
        catalogue: the texts.
        is_quiet: eyes are closed: only changes and safety are said.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Nothing is said yet."""
        self.catalogue = catalogue
        self.is_quiet = False
        self._said: list[Json] = []

    def say(self, text: str, level: str) -> None:
        """A sentence of the catalogue's language; `level` is a cue's, or "count", "countdown" or "info"."""
        if not self.is_quiet or level in ("safety", "info"):
            self._said.append({"text": text, "level": level})

    def say_text(self, key: str, level: str) -> None:
        """A text of the catalogue by its key."""
        self.say(self.catalogue.text(key), level)

    def announce(self, block: Block) -> None:
        """What comes, and what to change for it."""
        title, say = block_title(block, self.catalogue), self.catalogue.say
        if block.exercise is None:
            parts = [title, say(block.turn or "")]
        else:
            optional = self.catalogue.text("say.optional") if block.is_optional else ""
            parts = [
                self.catalogue.text("say.next", title=title),
                optional,
                say(block.change or ""),
                say(block.turn or ""),
            ]
        self.say(" ".join(filter(None, parts)), "info")

    def keep_only_safety(self) -> None:
        """What was to be said no longer matters."""
        self._said = [item for item in self._said if item["level"] == "safety"]

    def take(self) -> list[Json]:
        """What is to be spoken since the last call: text and level of each."""
        said, self._said = self._said, []
        return said
