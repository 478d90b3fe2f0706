"""What a key, a button or a page may ask of a run, by name; values come from outside and are checked here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from formcheck.errors import UsageError
from formcheck.messages import LANGUAGES

if TYPE_CHECKING:
    from formcheck.live.session import LiveSession

INTERRUPTIONS: Final = frozenset({"interrupted", "hidden", "camera", "asleep", "link"})


def obey(session: LiveSession, name: str, value: Any = None) -> None:
    """Do what is asked for; what does not fit the moment is left undone.

    Raises:
        UsageError: there is no such command, routine, movement or language.
    """
    act = COMMANDS.get(name)
    if act is None:
        raise UsageError(f"there is no command {str(name)[:40]!r}")
    act(session, value)


def _choose(session: LiveSession, value: Any) -> None:
    if not isinstance(value, dict) or value.get("kind") not in ("routine", "exercise"):
        raise UsageError("choose a routine or an exercise")
    name, plan = str(value.get("id")), session.plan
    is_same = plan is not None and (plan.kind, plan.id) == (value["kind"], name)
    if name.endswith(".toml") and not is_same:
        raise UsageError("a file is given on the command line, not here")
    session.choose(value["kind"], name)


def _language(session: LiveSession, value: Any) -> None:
    if value not in LANGUAGES:
        raise UsageError(f"there is no language {str(value)[:20]!r}")
    session.speak_language(value)


def _interrupt(session: LiveSession, value: Any) -> None:
    is_known = isinstance(value, str) and value in INTERRUPTIONS
    session.flow.interrupt(value if is_known else "interrupted")


COMMANDS: Final[dict[str, Callable[[LiveSession, Any], None]]] = {
    "again": lambda session, _: session.begin_again(),
    "breath": lambda session, _: session.flow.mark_breath(),
    "choose": _choose,
    "continue_last": lambda session, _: session.continue_last(),
    "extend": lambda session, _: session.flow.extend(),
    "forget_last": lambda session, _: session.forget_last(),
    "how": lambda session, _: None,  # only asks how things are
    "hurts": lambda session, _: session.mark_pain(),
    "interrupt": _interrupt,
    "language": _language,
    "leave_out": lambda session, _: session.flow.leave_out(),
    "pause": lambda session, _: session.flow.pause("asked"),
    "record": lambda session, value: session.record(bool(value)),
    "refuse": lambda session, value: session.refuse(str(value)),
    "repeat": lambda session, _: session.flow.repeat(),
    "resume": lambda session, _: session.flow.resume(),
    "skip": lambda session, _: session.flow.skip(),
    "start": lambda session, _: session.start(),
    "stop": lambda session, _: session.flow.stop(),
    "toggle": lambda session, _: session.toggle(),
}
