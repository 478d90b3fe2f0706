"""Who may talk to the server: this computer's browser, with the address that was printed, and nobody else."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

HOST: Final = "127.0.0.1"
CONTENT_POLICY: Final = (
    "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws://{host}; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The report is one file with its styles inside and no script.
REPORT_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


class Guard:
    """Checks Host, Origin, and the key that the one-time token was exchanged for.

    Attributes:
        token: opens the page once, as `/?token=...`.
    """

    def __init__(self, port: int) -> None:
        """A new token and key for the server on this port."""
        self._hosts = {f"{HOST}:{port}", f"localhost:{port}"}
        self.cookie = f"formcheck_{port}"
        self.token = secrets.token_urlsafe(24)
        self._key = secrets.token_urlsafe(24)
        self._is_used = False

    def redeem(self, token: str) -> str | None:
        """The key for the right token, the first time; None otherwise."""
        if self._is_used or not secrets.compare_digest(token.encode(), self.token.encode()):
            return None
        self._is_used = True
        return self._key

    def is_known_host(self, headers: Mapping[str, str]) -> bool:
        """Whether the request names this server, and not a name that somebody pointed here."""
        return headers.get("host", "") in self._hosts

    def is_own_origin(self, headers: Mapping[str, str]) -> bool:
        """Whether the request comes from this server's own page."""
        return self.is_known_host(headers) and headers.get("origin") == f"http://{headers['host']}"

    def has_key(self, cookies: Mapping[str, str]) -> bool:
        """Whether the browser was let in before."""
        return secrets.compare_digest(cookies.get(self.cookie, "").encode(), self._key.encode())


def headers_for(host: str, policy: str = CONTENT_POLICY) -> dict[str, str]:
    """What every answer carries: nothing from elsewhere, nothing kept, no frame around it."""
    return {
        "Content-Security-Policy": policy.format(host=host),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
        "Cache-Control": "no-store",
    }
