"""Pages from their templates: every text is escaped, the style stands inside."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from formcheck.export.words import begun, readable

_TEMPLATES: Final = Path(__file__).parent / "templates"


def page_from(template: str, **content: Any) -> str:
    """A page in the look of the report: its style, and what the template asks for; LookupError where it lacks any."""
    style = Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8"))
    try:
        return _environment().get_template(template).render(style=style, **content)
    except jinja2.UndefinedError as error:
        raise LookupError(str(error)) from error


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"readable": readable, "begun": begun}
    return environment
