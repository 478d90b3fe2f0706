"""The page, its one WebSocket, and the report; Starlette on a loopback socket.

Over the socket the page sends either text, `{"do": command, "value": ...}`, or bytes: a capture time in seconds (8
bytes, little-endian float) and a JPEG. Each is answered by one JSON message. Where the server owns the camera it
sends bytes without being asked: the length of a JSON message (4 bytes, little-endian), the message, a JPEG.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import struct
import time
from collections.abc import AsyncIterator, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from formcheck.errors import ExportError, FormcheckError, SourceError, in_one_line
from formcheck.live.clock import SleepWatch
from formcheck.live.display import message
from formcheck.live.eyes import Image, decode_jpeg
from formcheck.live.flow import State
from formcheck.live.message import Json
from formcheck.live.session import LiveSession
from formcheck.voice import speech_wav
from formcheck.web.greeting import greeting
from formcheck.web.guard import REPORT_POLICY, Guard, headers_for
from formcheck.web.settings import merged, read_settings, write_settings

T = TypeVar("T")

STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
FILES: Final = {path.name: _TYPES[path.suffix] for path in STATIC.iterdir() if path.suffix in _TYPES}
LARGEST_FRAME: Final = 3_000_000  # bytes; 1920 x 1080 at high quality takes 1 MB
LARGEST_TEXT: Final = 4_000
LARGEST_MESSAGE: Final = 32_000_000  # what is read at all; larger ones end the connection, not the session
MOST_WAITING: Final = 8  # messages read and not answered; a page has one picture and few commands on the way
REDRAWN_AFTER: Final = frozenset({"language", "choose", "continue_last", "forget_last", "again", "refuse", "record"})
_HEAD: Final = struct.Struct("<d")
TOLD_WITHIN_S: Final = 1.0  # that it is not the only one any more
BUSY, NOT_ALLOWED = 4001, 4003  # why a socket was closed


class OwnCamera(Protocol):
    """A camera that the server owns, as `sources.camera.Camera` is."""

    has_ended: bool

    def newest(self) -> tuple[Image, float] | None:
        """Waits for a picture newer than the last one and says when it was taken; None when none came."""


class LiveServer:
    """One session, one page at a time.

    Args:
        session: what the frames are for.
        guard: who may talk.
        settings, settings_path: what a person said once, and where it is kept.
        camera: of the server's own; None when the page brings the pictures.
        records: whether a video of the pictures was asked for.
    """

    def __init__(
        self,
        session: LiveSession,
        guard: Guard,
        settings: Json,
        settings_path: Path | None = None,
        camera: OwnCamera | None = None,
        *,
        records: bool = False,
    ) -> None:
        """The pictures are looked at in one thread, one after the other."""
        self.session, self._guard = session, guard
        self._settings, self._settings_path = settings, settings_path
        self._camera, self._records = camera, records
        self._sleep = SleepWatch()
        self._worker = ThreadPoolExecutor(1, "formcheck-live")
        self._page: WebSocket | None = None
        self._talk: asyncio.Task[Any] | None = None  # with the page
        self._is_unsaved = False
        self.app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/static/{name}", self._static),
                Route("/report", self._report),
                Route("/voice", self._voice),
                WebSocketRoute("/live", self._live),
            ],
            lifespan=self._lifespan,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:  # also where the loop is ended from outside: nothing may still be looked at while the report is made
            self._worker.shutdown(wait=True, cancel_futures=True)

    # -- pages ----------------------------------------------------------------------------------------------------

    async def _index(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        if token := request.query_params.get("token"):
            key = self._guard.redeem(token)
            if key is not None:
                response = RedirectResponse("/", 303, headers=headers_for(request.headers["host"]))
                response.set_cookie(self._guard.cookie, key, httponly=True, samesite="strict")
                return response
            if self._guard.has_key(request.cookies):
                return RedirectResponse("/", 303, headers=headers_for(request.headers["host"]))
        if not self._guard.has_key(request.cookies):
            return _refused("Open the address that formcheck printed; it works once.", request)
        return HTMLResponse(self._page_with_texts(), headers=headers_for(request.headers["host"]))

    def _page_with_texts(self) -> str:
        """The page with what it may have to say before it is greeted, or when it never is."""
        texts = {
            key: text for key, text in self.session.catalogue.page.items() if key.startswith(("error.", "button."))
        }
        page = (STATIC / "index.html").read_text(encoding="utf-8")
        return page.replace("<body ", f'<body data-texts="{escape(json.dumps(texts))}" ', 1)

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if refusal := self._refusal(request) or self._stranger(request):
            return refusal
        if name not in FILES:
            return PlainTextResponse("There is no such file.", 404, headers_for(request.headers["host"]))
        headers = headers_for(request.headers["host"])
        return FileResponse(STATIC / name, media_type=FILES[name], headers=headers)

    async def _report(self, request: Request) -> Response:
        if refusal := self._refusal(request) or self._stranger(request):
            return refusal
        headers = headers_for(request.headers["host"], REPORT_POLICY)
        result = self.session.result
        if result is None:
            return PlainTextResponse("There is no report yet.", 404, headers)
        return FileResponse(result.folder / "report.html", media_type="text/html", headers=headers)

    async def _voice(self, request: Request) -> Response:
        """A sentence as sound, for a browser that cannot speak."""
        if refusal := self._refusal(request) or self._stranger(request):
            return refusal
        headers = headers_for(request.headers["host"])
        try:
            text, language = request.query_params.get("text", ""), self.session.catalogue.language
            wav = await asyncio.to_thread(speech_wav, text, language)
        except ExportError as error:
            return PlainTextResponse(str(error), 404, headers)
        return Response(wav, media_type="audio/wav", headers=headers)

    def _refusal(self, request: Request) -> Response | None:
        if self._guard.is_known_host(request.headers):
            return None
        return PlainTextResponse("This server answers this computer only.", 421)

    def _stranger(self, request: Request) -> Response | None:
        if self._guard.has_key(request.cookies):
            return None
        return _refused("Open the address that formcheck printed.", request)

    # -- the socket -----------------------------------------------------------------------------------------------

    async def _live(self, socket: WebSocket) -> None:
        if not self._may_talk(socket):
            await socket.close(NOT_ALLOWED)
            return
        await socket.accept()
        if not await self._gets_in(socket):
            return
        inbox: asyncio.Queue[MutableMapping[str, Any] | None] = asyncio.Queue(MOST_WAITING)
        beside = [asyncio.create_task(self._read(socket, inbox))]
        if self._camera is not None:
            beside.append(asyncio.create_task(self._pump(socket)))
        try:
            await socket.send_json(await self._hello())
            await self._save_if_ended(socket)
            while (received := await inbox.get()) is not None:
                text, data = received.get("text"), received.get("bytes")
                answer = await self._answer(text, data)
                await socket.send_json(answer if data is None else {**answer, "of": "frame"})
                await self._save_if_ended(socket, is_asked=data is None)
        except (WebSocketDisconnect, RuntimeError):  # the page has gone while it was answered
            pass
        except asyncio.CancelledError:  # the server ends and has waited long enough
            pass
        finally:
            self._leave(socket)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _gets_in(self, socket: WebSocket) -> bool:
        """Whether this page is the only one, or takes over from the other; it is the page then."""
        other, talk = self._page, self._talk
        if other is None or "take" in socket.query_params:
            self._page, self._talk = socket, asyncio.current_task()
        if other is not None:
            refused = other if self._page is socket else socket
            try:
                async with asyncio.timeout(TOLD_WITHIN_S):
                    await refused.send_json({"kind": "busy"})
                    await refused.close(BUSY)
            except (WebSocketDisconnect, RuntimeError):  # it has gone by itself
                pass
            except TimeoutError:  # it takes nothing any more, as a frozen tab does
                if refused is other and talk is not None:
                    talk.cancel()
        return self._page is socket

    async def _read(self, socket: WebSocket, inbox: asyncio.Queue[MutableMapping[str, Any] | None]) -> None:
        """Passes on what the page sends; that it has gone is noticed even while it is being answered."""
        try:
            while (received := await socket.receive())["type"] != "websocket.disconnect":
                await inbox.put(received)
        finally:
            self._leave(socket)
            with contextlib.suppress(asyncio.QueueFull):  # then the next answer fails, which ends it, too
                inbox.put_nowait(None)

    def _leave(self, socket: WebSocket) -> None:
        """The page has gone, and another may come; what runs by itself pauses before that one is greeted."""
        if self._page is socket:
            self._page = None
            with contextlib.suppress(RuntimeError):  # the server is ending
                self._worker.submit(self.session.command, "interrupt", "link")

    def _may_talk(self, connection: HTTPConnection) -> bool:
        return self._guard.is_own_origin(connection.headers) and self._guard.has_key(connection.cookies)

    async def _answer(self, text: str | None, data: bytes | None) -> Json:
        """The one answer to a message; whatever it holds, the session goes on."""
        try:
            if data is not None:
                return await self._take(data)
            if text is None or len(text) > LARGEST_TEXT:
                raise SourceError("this message is too large")
            values = json.loads(text)
            if not isinstance(values, dict) or not isinstance(values.get("do"), str):
                raise SourceError("this is no command")
            return await self._do(values["do"], values.get("value"))
        except (json.JSONDecodeError, UnicodeError, RecursionError):
            return {"kind": "error", "text": "this is no command"}
        except Exception as error:  # whatever it is, one message must not cost the run
            return self._trouble(error)

    def _trouble(self, error: Exception) -> Json:
        """What the page is told of an error, in its language."""
        text = str(error)
        if not isinstance(error, FormcheckError):
            text = f"a fault of formcheck ({type(error).__name__}: {' '.join(text.split())[:120]}); the run goes on"
        return {"kind": "error", "text": self.session.catalogue.say(text)}

    async def _take(self, data: bytes) -> Json:
        if self._camera is not None:
            raise SourceError("the camera is the server's: no pictures are taken from the page")
        if len(data) > LARGEST_FRAME:
            raise SourceError(f"a picture of {len(data) / 1e6:.0f} MB is too large")
        if len(data) < _HEAD.size:
            raise SourceError("this is not a picture")
        (frame_s,) = _HEAD.unpack_from(data)
        if not math.isfinite(frame_s):
            raise SourceError("this picture has no time")
        return await self._in_worker(self._look, data[_HEAD.size :], frame_s)

    def _look(self, jpeg: bytes, frame_s: float) -> Json:
        image = decode_jpeg(jpeg)
        self._note_sleep()
        self.session.take(image, frame_s)
        return message(self.session)

    def _note_sleep(self) -> None:
        if self._sleep.has_slept(time.time(), time.monotonic()):
            self.session.command("interrupt", "asleep")

    async def _do(self, name: str, value: Any) -> Json:
        if name == "settings":
            return await self._in_worker(self._set, value)
        answer = await self._in_worker(self._obey, name, value)
        return await self._hello() if answer is None else answer

    def _obey(self, name: str, value: Any) -> Json | None:
        """What is to be shown now; None: everything anew."""
        is_over = self.session.state is State.DONE
        self.session.command(name, value)
        return None if name in REDRAWN_AFTER or (is_over and name == "hurts") else message(self.session)

    def _set(self, wishes: Any) -> Json:
        self._settings = merged(self._settings, wishes)
        self.session.note(height_cm=self._settings["height_cm"], ball_cm=self._settings["ball_cm"])
        if self._settings_path is not None:
            with contextlib.suppress(ExportError, OSError):  # a comfort: without it they are asked again next time
                write_settings(self._settings_path, merged(read_settings(self._settings_path), wishes))
        return {"kind": "settings", "settings": self._settings}

    async def _save_if_ended(self, socket: WebSocket, *, is_asked: bool = True) -> None:
        """Writes the report of a run that has ended; where that failed once, only when somebody asks for it again."""
        if self.session.state is not State.SAVING or (self._is_unsaved and not is_asked):
            return
        try:
            await self._in_worker(self.session.finish)
        except Exception as error:  # whatever it is, the page must not be lost over it, nor ask for it again and again
            self._is_unsaved = True
            await socket.send_json({"kind": "unsaved", "text": self.session.catalogue.say(in_one_line(error)[0])})
            return
        self._is_unsaved = False
        await socket.send_json(await self._hello())

    async def _pump(self, socket: WebSocket) -> None:
        """Pictures of the server's own camera, looked at one after the other and sent with what they showed."""
        assert self._camera is not None
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                try:
                    shown = await self._in_worker(self._grab_and_look)
                except Exception as error:  # whatever it is, one picture must not cost the run
                    await socket.send_json({**self._trouble(error), "of": "frame"})
                    continue
                if shown is None:
                    has_ended = self._camera.has_ended
                    await self._in_worker(self.session.command, "interrupt", "camera")
                    await socket.send_json({"kind": "camera_ended" if has_ended else "camera_lost"})
                    if has_ended:
                        return
                    continue
                moment, jpeg = shown
                text = json.dumps(moment).encode()
                await socket.send_bytes(struct.pack("<I", len(text)) + text + jpeg)
                await self._save_if_ended(socket, is_asked=False)

    def _grab_and_look(self) -> tuple[Json, bytes] | None:
        import cv2

        assert self._camera is not None
        grabbed = self._camera.newest()
        if grabbed is None:
            return None
        image, frame_s = grabbed
        self._note_sleep()
        self.session.take(image, frame_s)
        _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])
        return message(self.session), jpeg.tobytes()

    async def _in_worker(self, job: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, partial(job, *values))

    async def _hello(self) -> Json:
        return await self._in_worker(
            partial(
                greeting,
                self.session,
                self._settings,
                is_own_camera=self._camera is not None,
                records=self._records,
            )
        )


def _refused(text: str, request: Request) -> Response:
    return PlainTextResponse(text, 403, headers_for(request.headers["host"]))
