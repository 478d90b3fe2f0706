"""Starting and stopping the server: a loopback socket, one process, gone when it is told to go."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

import uvicorn
from starlette.applications import Starlette

from formcheck.errors import UsageError
from formcheck.web.guard import HOST
from formcheck.web.server import LARGEST_MESSAGE

CLOSE_WITHIN_S: Final = 3  # of Ctrl-C, whatever the page does


def listen(port: int) -> socket.socket:
    """A socket on this computer's loopback address alone, where whoever asks waits for an answer; port 0: any free one.

    Raises:
        UsageError: the port is taken or not allowed.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there, the option would let two programs share the port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()  # from here on the port is taken for everybody else
    except OSError as error:
        listening.close()
        why = "is in use" if error.errno in (48, 98, 10048) else f"cannot be used ({error.strerror or error})"
        raise UsageError(f"port {port} {why}; choose another with --port, or leave it out") from error
    return listening


def serve(app: Starlette, listening: socket.socket, address: str, *, opens: bool, tell: Callable[[], None]) -> None:
    """Serves until Ctrl-C, a request to end, or a closed terminal.

    Args:
        address: of the page, with its token.
        opens: whether to open it in the browser.
        tell: called when the page can be opened.

    Raises:
        OSError: it could not be told; nothing is served then.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=CLOSE_WITHIN_S,
    )
    server = _Server(config, lambda: _ready(address, opens, tell))
    with contextlib.suppress(KeyboardInterrupt), _ended_by_a_closed_terminal(server):
        server.run([listening])
    if server.failure is not None:
        raise server.failure


@contextlib.contextmanager
def _ended_by_a_closed_terminal(server: uvicorn.Server) -> Iterator[None]:
    """That signal ends the server as Ctrl-C does; uvicorn leaves it to others, who would break into its loop."""
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up is None or (before := signal.getsignal(hang_up)) in (signal.SIG_IGN, None):  # `nohup` lets it go on
        yield
        return
    signal.signal(hang_up, server.handle_exit)
    try:
        yield
    finally:
        signal.signal(hang_up, before)


def _ready(address: str, opens: bool, tell: Callable[[], None]) -> None:
    tell()
    if opens:  # a browser may take seconds to start
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready
        self.failure: OSError | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        try:
            self._when_ready()
        except OSError as failure:  # raised from here, what waits in this loop would end with a trace
            self.failure, self.should_exit = failure, True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.force_exit = False  # pressed again, it ends no sooner: what is being looked at belongs to the report

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # What is still being answered is cancelled after CLOSE_WITHIN_S, as it should be: nothing to tell a person.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
