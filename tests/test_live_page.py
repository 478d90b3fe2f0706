"""The real page in the real browser: sizes, keyboard, breath, and everything that can go away while somebody moves."""

from __future__ import annotations

import contextlib
import json
import math
import signal
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, NO_TROUBLE, SEEN, Page, chromium, until
from conftest import empty_room
from liveserver import Served, program
from patience import WITHIN_S, wait_until

from formcheck.errors import EstimatorError
from formcheck.live.clock import LONGEST_GAP_S
from formcheck.live.flow import COUNTDOWN_S, PAUSE_AFTER_S, State
from formcheck.live.message import block_in_short
from formcheck.live.past import Past
from formcheck.live.plan import Block, plan_of
from formcheck.live.session import LiveSession
from formcheck.messages import LANGUAGES, Catalogue, load_catalogue
from formcheck.registry import exercise_ids, find_exercise, routine_ids
from formcheck.types import Frame, Pose

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine to open the page in")

TROUBLE = "document.getElementById('trouble').innerText"
PAIN = "document.getElementById('paused').classList.contains('pain')"
CHECKED = "document.querySelector('#exercises [aria-checked=true]')?.dataset.id"
BEFORE = ("setup", "paused")  # where a person presses the key to begin or to go on
SIZES = [(1366, 768), (1920, 1080), (800, 1280)]
STATE = "document.body.dataset.state"
FOLLOWED = f"{STATE} == 'block' && !document.getElementById('gauge').hidden"  # a frame of the block has been seen
# Before any script of the page: its socket can be reached, and so can the camera and what keeps the screen on.
HOOK = """
window.sockets = []; window.awake = 0; window.streams = [];
window.WebSocket = class extends WebSocket { constructor(...all) { super(...all); window.sockets.push(this); } };
const lock = async () => {
  const own = { release: async () => { window.awake -= 1; own.onrelease?.(); } };
  window.awake += 1;
  return own;
};
Object.defineProperty(navigator, 'wakeLock', { value: { request: lock } });
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  if (window.refusal) throw new DOMException('', window.refusal);
  window.streams.push(await open(wish));
  return window.streams.at(-1);
};
"""
# From now on the page shows what it is told; what the server says is kept, and the page only learns that it answered.
HOLD = """(() => {
  const socket = sockets.at(-1);
  socket.__own = socket.onmessage;
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.moment && message.of) window.held = event.data;
    socket.__own({ data: JSON.stringify({ kind: 'held', of: message.of }) });
  };
})()"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of an empty room for a camera: in these tests the poses come from elsewhere."""
    import cv2

    path = tmp_path_factory.mktemp("camera") / "room.mjpeg"
    jpegs = [cv2.imencode(".jpg", empty_room(i, (640, 480)))[1].tobytes() for i in range(4)]
    path.write_bytes(b"".join(jpegs * 8))
    return path


@contextlib.contextmanager
def hooked(room: Path) -> Iterator[Page]:
    """A Chromium with that camera."""
    with chromium(room, "--use-fake-ui-for-media-stream") as page:
        page.prepare(HOOK, SEEN)
        yield page


@pytest.fixture(scope="module")
def browser(room: Path) -> Iterator[Page]:
    """One Chromium for all."""
    with hooked(room) as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Iterator[Page]:
    """Its tab, at its own size, with nothing open."""
    yield browser
    browser.call("Emulation.clearDeviceMetricsOverride")
    browser.call("Emulation.setEmulatedMedia", features=[])
    browser.open("about:blank")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as server:
        server.is_empty = True  # no set-up ends by itself
        yield server


@pytest.fixture
def opened(served: Served, page: Page, monkeypatch: pytest.MonkeyPatch) -> tuple[Served, Page]:
    """A server and its page, where a movement is chosen; a machine without time for pictures is no interruption."""
    monkeypatch.setattr("formcheck.live.flow.PAUSE_AFTER_S", math.inf)
    choosing(served, page)
    return served, page


def choosing(served: Served, page: Page) -> None:
    served.session.choose("exercise", "seated_cat_cow")
    page.open(served.address)
    page.wait_for(f"{STATE} == 'choose' && window.streams.length && sockets.length")


def to_block(page: Page, served: Served | None = None) -> None:
    """Begins, does not wait for a good view, and comes into the picture with the first frame of the block."""
    page.press(" ")
    page.wait_for(f"{STATE} == 'setup'")
    until(page, FOLLOWED, BEFORE)
    if served is not None:
        served.is_empty = False
        page.wait_for("!document.getElementById('gauge-mark').hidden")


def resumed(page: Page) -> None:
    """Goes on after a pause; the countdown does not end while `COUNTDOWN_S` is endless."""
    page.wait_for(f"{STATE} == 'paused' && {NO_TROUBLE}")
    page.press(" ")
    page.wait_for(f"{STATE} == 'countdown'")


def told(page: Page, message: dict[str, Any]) -> None:
    take = "(sockets.at(-1).__own ?? sockets.at(-1).onmessage)"
    page.run(f"{take}({{ data: {json.dumps(json.dumps(message))} }}); 1")


def text_of(page: Page, name: str) -> str:
    return str(page.run(f"document.getElementById('{name}').innerText"))


# -- sizes ------------------------------------------------------------------------------------------------------------

# Height of the ink of a count, and of all lines of the words, as shares of the screen's height; and what sticks out.
MEASURE = """(() => {
  const count = document.getElementById('count'), pen = document.createElement('canvas').getContext('2d');
  const style = getComputedStyle(count);
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const ink = pen.measureText(count.textContent), lines = document.getElementById('line');
  const range = document.createRange();
  range.selectNodeContents(lines);
  const words = range.getBoundingClientRect(), strip = document.getElementById('strip').getBoundingClientRect();
  const ring = document.getElementById('ring').getBoundingClientRect(), box = count.getBoundingClientRect();
  const fits = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1
    && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
  const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const all = document.querySelectorAll('#stage button, #side p, #side h1, #gauge, #ring');
  const shown = [...all].filter((e) => e.offsetHeight);
  return {
    count: (ink.actualBoundingBoxAscent + ink.actualBoundingBoxDescent) / innerHeight,
    words: words.height / innerHeight, font: parseFloat(getComputedStyle(lines).fontSize) / innerHeight,
    out: [words.height && !fits(words, strip) ? 'words' : '', fits(box, ring) ? '' : 'count',
          ...shown.filter((e) => !fits(e.getBoundingClientRect(), screen)).map((e) => e.id)].filter(Boolean),
  };
})()"""


def test_count_and_cue_are_readable_from_across_the_room(opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    hold(page)
    cues = {fault.cue for name in exercise_ids() for fault in find_exercise(name).faults} | {"That is it"}
    assert len(cues) > 30
    for language in LANGUAGES:
        say = load_catalogue(language).say
        words = sorted({say(cue) for cue in cues}, key=len)
        asked = [words[0], words[len(words) // 2], *words[-2:], load_catalogue(language).text("paused.safety")]
        for size_wh in SIZES:
            page.resize(size_wh)
            for i, cue in enumerate(asked):
                told(page, moment(page, count=(7, 8, 10, 12, 44)[i], cue=cue, level="correction"))
                seen = page.run(MEASURE)
                assert seen["count"] >= 0.15, (size_wh, seen)
                assert seen["words"] >= 0.15, (size_wh, cue, seen)
                assert seen["font"] >= 0.05, (size_wh, cue, seen)
                assert seen["out"] == [], (size_wh, cue, seen)


# What is cut off, or sticks out of the screen to the side.
CUT = """(() => {
  const all = document.querySelectorAll('#choose button, #choose p, #side p, #side h1, #side span, #side button');
  const beside = document.getElementById('beside').getBoundingClientRect();
  const isCut = (e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1;
  const isOut = (box, e) => box.right > innerWidth + 1 || box.bottom > innerHeight + 1 && !e.closest('#choose')
    || (e.closest('#beside') && (box.bottom > beside.bottom + 2 || box.top < beside.top - 2));
  return [...all].filter((e) => e.offsetHeight && (isCut(e) || isOut(e.getBoundingClientRect(), e)))
    .map((e) => e.id || e.textContent);
})()"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_nothing_is_cut_off(language: str, opened: tuple[Served, Page]) -> None:
    served, page = opened
    page.resize((390, 844))
    page.run(f"sockets.at(-1).send(JSON.stringify({{ do: 'language', value: '{language}' }}))")
    say = load_catalogue(language).say
    summary = say(find_exercise("seated_cat_cow").summary)
    page.wait_for(f"document.getElementById('about').textContent == {json.dumps(summary)}")
    assert page.run(CUT) == []
    page.press(" ")
    page.wait_for(f"{STATE} == 'setup' && document.getElementById('explain').textContent")
    assert page.run(CUT) == []
    until(page, FOLLOWED, BEFORE)
    served.is_empty = False
    page.wait_for("!document.getElementById('gauge-mark').hidden")
    hold(page)
    shown = moment(page, count=6, cue=say("Round back, chin to chest"), level="correction")
    told(page, shown)
    assert page.run(CUT) == []


def blocks() -> Iterator[Block]:
    """Every movement in each of its places."""
    plans = [plan_of("routine", name) for name in routine_ids()] + [
        plan_of("exercise", name) for name in exercise_ids()
    ]
    yield from {(b.title, b.side, b.direction, b.section, b.change): b for plan in plans for b in plan.blocks}.values()


def at_its_fullest(block: Block, shown: dict[str, Any], catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """What is shown before and in a block where all there can be said of it is said."""
    exercise, short = block.exercise, block_in_short(block, catalogue)
    shown = shown | {"block": short, "say": [], "elapsed_s": 3.0}
    if exercise is None:
        yield shown | {"state": "rest"}
        return
    labels = [label for movement in exercise.movements for label in (movement.label, movement.peak_label)]
    phases = [catalogue.say(label) for label in ("Hold", "Counter-clockwise", *labels)]
    words = {"phase": max(phases, key=len), "label": catalogue.say("repetitions"), "hold": None, "cue": None}
    gauge = shown["moment"]["gauge"] | {"label": catalogue.say(exercise.drive.label), "value": -44.0}
    inside = shown["moment"] | words | {"gauge": gauge, "note": None, "not_judged": None}
    yield shown | {"state": "block", "moment": inside, "count": 12, "target": [8, 10], "breaths": 3}
    yield shown | {"state": "setup", "setup": {"problem": None, "filled": 0.3}}


@pytest.mark.parametrize("size_wh", [(360, 740), (740, 360), (820, 1180), (1280, 800), (1920, 1080)])
def test_no_movement_is_cut_off_on_any_screen(size_wh: tuple[int, int], opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    hold(page)
    shown = json.loads(page.run("held"))
    page.resize(size_wh)
    n_seen = 0
    for language in LANGUAGES:
        for block in blocks():
            for full in at_its_fullest(block, shown, load_catalogue(language)):
                told(page, full)
                n_seen += 1
                assert page.run(CUT) == [], (language, full["state"], block.title)
                least = page.run("parseFloat(getComputedStyle(document.getElementById('title')).fontSize)")
                assert least >= 12, (language, full["state"], block.title)
    assert n_seen > 100


def test_the_other_side_that_comes_next_is_named_in_short(served: Served, page: Page) -> None:
    served.session.choose("routine", "daily_7")
    page.open(served.address)
    page.wait_for(f"{STATE} == 'choose' && window.streams.length")
    page.press(" ")
    page.wait_for("document.getElementById('following').textContent == 'Next: counter-clockwise'")
    page.press("ArrowRight")
    page.wait_for("document.getElementById('following').textContent == 'Next: Seated twist'")


def test_what_is_not_judged_yet_is_not_told_before_it_could_be(opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    hold(page)
    waiting = {"cue": None, "not_judged": "Take your place: sitting on the ball."}
    for elapsed_s, told_it in ((0.5, False), (3.0, True)):
        shown = moment(page, count=0, cue="", level="", elapsed_s=elapsed_s)
        shown["moment"] |= waiting
        told(page, shown)
        assert ("Take your" in text_of(page, "line")) is told_it
        assert (text_of(page, "phase") == "Not judged now") is told_it


def test_a_number_of_the_gauge_is_written_as_in_the_language(opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    hold(page)
    shown = moment(page, count=0, cue="", level="")
    for value, axis, unit, text in (
        (-12.4, [-40, 40], "deg", "−12°"),
        (-0.04, [0, 1], "T", "0.0 T"),
        (52.0, [0, 130], "%", "52 %"),
    ):
        shown["moment"]["gauge"] |= {"value": value, "axis": axis, "unit": unit}
        told(page, shown)
        assert text_of(page, "gauge-value") == text


def hold(page: Page) -> None:
    page.run(HOLD)
    page.wait_for("window.held")


def moment(page: Page, *, count: int, cue: str, level: str, elapsed_s: float = 3.0) -> dict[str, Any]:
    """What the server said last, with this count and cue."""
    shown = json.loads(page.run("held")) | {"state": "block"}
    shown["moment"] = shown["moment"] | {"cue": cue, "cue_level": level, "hold": None}
    return shown | {"count": count, "elapsed_s": elapsed_s, "say": []}


# -- the breath -------------------------------------------------------------------------------------------------------


def test_the_pacer_grows_with_the_breath_in_and_is_a_bar_without_motion(opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    page.press("b")
    page.wait_for("document.getElementById('breath-marks').textContent.endsWith('1')")
    hold(page)
    widths, words = [], []
    for elapsed_s in (0.1, 2.0, 4.4, 6.5, 8.9, 9.1):  # 4.5 s in, 4.5 s out
        told(page, moment(page, count=1, cue="", level="praise", elapsed_s=elapsed_s))
        widths.append(page.run("document.getElementById('pacer').getBoundingClientRect().width"))
        words.append(text_of(page, "breath-word"))
    assert widths[0] < widths[1] < widths[2] > widths[3] > widths[4] == pytest.approx(widths[5], rel=0.05)
    assert words == ["↑ Breathe in"] * 3 + ["↓ Breathe out"] * 2 + ["↑ Breathe in"]
    assert not page.run("document.getElementById('breath-bar').offsetHeight")
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    told(page, moment(page, count=1, cue="", level="praise", elapsed_s=2.0))
    assert page.run("document.getElementById('pacer').offsetHeight") == 0
    assert page.run("document.getElementById('breath-bar').offsetHeight") > 5
    assert page.run("document.querySelectorAll('#breath-bar .lit').length") == 3


# -- the voice --------------------------------------------------------------------------------------------------------

# A browser's speech that says what it is told until it is told that this is over; the clock of the page stands still.
SPEECH = """(async () => {
  window.spoken = []; window.cut = []; window.running = null; window.nowMs = 1000;
  performance.now = () => nowMs;
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  Object.defineProperty(window, 'speechSynthesis', { configurable: true, value: {
    getVoices: () => [{ lang: 'en-GB', localService: true }],
    speak: (words) => { spoken.push(words.text); running = words; },
    cancel: () => { if (running) { cut.push(running.text); running = null; } },
  } });
  window.over = () => { const words = running; running = null; words?.onend(); };
  const { Voice } = await import('/static/voice.js');
  window.voice = new Voice();
})()"""


@pytest.fixture
def speaking(opened: tuple[Served, Page]) -> Page:
    """A page whose voice can be listened to."""
    page = opened[1]
    page.run(SPEECH)
    return page


def said(page: Page, *steps: str) -> tuple[list[str], list[str]]:
    """What was spoken after these steps, one line of script each, and what of it was cut off."""
    page.run("; ".join([*steps, "1"]))
    return page.run("spoken"), page.run("cut")


def test_a_countdown_is_heard_when_it_is_shown_not_after_what_was_announced(speaking: Page) -> None:
    steps = ["voice.say('Next: Hip circles. Turn the ball.', 'info')", "nowMs += 3000", "voice.say('3', 'countdown')"]
    assert said(speaking, *steps) == (["Next: Hip circles. Turn the ball.", "3"], ["Next: Hip circles. Turn the ball."])


def test_what_was_skipped_is_not_announced_any_more(speaking: Page) -> None:
    steps = [f"voice.say('Next: {name}.', 'info'); nowMs += 300" for name in "ABC"]
    assert said(speaking, *steps, "over()") == (["Next: A.", "Next: B.", "Next: C."], ["Next: A.", "Next: B."])


def test_safety_is_never_cut_off(speaking: Page) -> None:
    stop = "Stop. Are you all right?"
    steps = [f"voice.say('{stop}', 'safety')", "voice.say('3', 'countdown')", "voice.say('Paused.', 'info')", "over()"]
    assert said(speaking, *steps) == ([stop, "Paused."], [])
    late = [f"voice.say('{stop}', 'safety')", "voice.say('3', 'countdown')", "nowMs += 2000", "over()"]
    assert said(speaking, "over()", *late) == ([stop, "Paused.", stop], [])


def test_a_correction_that_comes_too_late_is_left_out(speaking: Page) -> None:
    steps = ["voice.say('Next: A.', 'info')", "voice.say('Lower slowly', 'correction')", "nowMs += 4000", "over()"]
    assert said(speaking, *steps) == (["Next: A."], [])


# -- what can go away -------------------------------------------------------------------------------------------------


def test_whatever_goes_away_is_named_and_the_run_goes_on_where_it_was(
    opened: tuple[Served, Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    served, page = opened
    session = served.session
    to_block(page, served)

    page.run(f"{visible(False)}; 1")
    page.wait_for(f"{STATE} == 'paused'")
    elapsed_s = session.run.elapsed_s if session.run else None
    assert elapsed_s
    page.run(f"{visible(True)}; 1")
    assert "out of sight" in text_of(page, "paused")

    monkeypatch.setattr("formcheck.live.flow.COUNTDOWN_S", math.inf)
    resumed(page)
    page.run("streams.at(-1).getVideoTracks()[0].stop(); streams.at(-1).getVideoTracks()[0].onended(); 1")
    page.wait_for(f"{TROUBLE}.includes('was unplugged')")
    assert page.run("document.activeElement.id") == "do-retry"
    page.press("Enter")
    page.wait_for(f"{STATE} == 'paused' && {NO_TROUBLE}")
    assert "camera was away" in text_of(page, "paused")

    resumed(page)
    served.cut()
    page.wait_for("seen.troubles.some((words) => words.includes('does not answer'))")
    page.wait_for(f"{STATE} == 'paused' && {NO_TROUBLE}")
    assert "lost formcheck" in text_of(page, "paused")

    resumed(page)
    real = time.time
    monkeypatch.setattr("formcheck.web.server.time.time", lambda: real() + 3600)
    page.wait_for(f"{STATE} == 'paused'")
    assert "asleep" in text_of(page, "paused")
    assert session.run is not None
    assert session.run.elapsed_s == elapsed_s
    resumed(page)
    monkeypatch.setattr("formcheck.live.flow.COUNTDOWN_S", COUNTDOWN_S)
    page.wait_for(f"{STATE} == 'block'")


def visible(is_visible: bool) -> str:
    """The tab goes out of sight, or comes back."""
    name = json.dumps("visible" if is_visible else "hidden")
    return (
        f"Object.defineProperty(document, 'hidden', {{ value: {str(not is_visible).lower()}, configurable: true }});"
        f"Object.defineProperty(document, 'visibilityState', {{ value: {name}, configurable: true }});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )


def test_a_frozen_page_pauses_and_nothing_runs_on(served: Served, room: Path) -> None:
    with hooked(room) as page:  # its own: a tab that was frozen once stays hidden
        choosing(served, page)
        to_block(page, served)
        pictures = watched(served.session)
        n_before = frozen_for_a_while(page, pictures)
        page.wait_for(f"{STATE} == 'paused'")
        # A picture taken before and sent after it was frozen belongs to what was before.
        last_s = pictures[n_before - 1][1] + LONGEST_GAP_S
        *_, (_, _, elapsed_s) = [picture for picture in pictures if picture[1] < last_s]
        assert served.session.run is not None
        assert served.session.run.elapsed_s == elapsed_s


def watched(session: LiveSession) -> list[tuple[float, float, float]]:
    """Of every picture from now on: when it was looked at, when it was taken, and how long the block has lasted."""
    pictures: list[tuple[float, float, float]] = []
    take = session.take

    def watch(image: Any, frame_s: float) -> None:
        take(image, frame_s)
        assert session.run is not None
        pictures.append((time.monotonic(), frame_s, session.run.elapsed_s))

    session.take = watch  # type: ignore[method-assign]
    return pictures


def frozen_for_a_while(page: Page, pictures: list[tuple[float, float, float]]) -> int:
    """Until no picture has come for longer than a run waits; returns how many had come by then."""
    wait_until(lambda: len(pictures) > 1)
    page.call("Page.setWebLifecycleState", state="frozen")
    wait_until(lambda: time.monotonic() - pictures[-1][0] > PAUSE_AFTER_S + 2.0)
    n_before = len(pictures)
    page.call("Page.setWebLifecycleState", state="active")
    return n_before


def test_a_camera_that_sends_no_pictures_is_named_until_it_does(opened: tuple[Served, Page]) -> None:
    _, page = opened
    page.wait_for("video.readyState >= 2 && !video.paused")
    page.run("video.pause(); window.play = video.play; video.play = async () => {}; 1")
    page.wait_for(f"{TROUBLE}.includes('No pictures come')")
    page.run("video.play = play; video.play(); 1")
    page.wait_for(NO_TROUBLE)


def test_a_camera_in_use_is_named_and_tried_again(opened: tuple[Served, Page]) -> None:
    _, page = opened
    page.run("window.refusal = 'NotReadableError'; 1")
    page.run("document.getElementById('camera').dispatchEvent(new Event('change')); 1")
    page.wait_for(f"{TROUBLE}.includes('in use by another program')")
    page.run("window.refusal = ''; 1")
    page.run("navigator.mediaDevices.ondevicechange(); 1")  # another program has let it go
    page.wait_for(NO_TROUBLE)


def test_a_camera_that_is_given_up_before_it_plays_leaves_nothing_behind(opened: tuple[Served, Page]) -> None:
    _, page = opened
    change = "document.getElementById('camera').dispatchEvent(new Event('change'))"
    page.wait_for("document.getElementById('camera').options.length == 1")  # the first one plays
    page.run("""window.rejected = [];
      addEventListener('unhandledrejection', ({ reason }) => rejected.push(String(reason)));
      video.play = () => new Promise((done) => { window.played = done; }); 1""")
    page.run(f"{change}; 1")
    page.wait_for("window.played")
    page.run(f"window.refusal = 'NotReadableError'; {change}; 1")
    page.wait_for(f"{TROUBLE}.includes('in use by another program')")
    page.run("window.looks = 0; video.requestVideoFrameCallback = () => { looks += 1; }; played(); 1")
    page.run("new Promise((done) => setTimeout(done, 50))")  # what has been rejected is told after the current task
    assert page.run("[rejected, looks]") == [[], 0]


def test_a_camera_that_was_refused_is_still_told_after_the_link_was_lost(opened: tuple[Served, Page]) -> None:
    served, page = opened
    page.run("window.refusal = 'NotAllowedError'; document.getElementById('camera').dispatchEvent(new Event('change'))")
    page.wait_for(f"{TROUBLE}.includes('may not be used')")
    served.cut()
    page.wait_for("seen.troubles.some((words) => words.includes('does not answer'))")
    page.wait_for(f"{TROUBLE}.includes('may not be used')")


def test_a_camera_that_is_plugged_in_later_can_be_chosen(opened: tuple[Served, Page]) -> None:
    _, page = opened
    page.wait_for("document.getElementById('camera').options.length == 1")
    page.run("""(async () => {
      const all = await navigator.mediaDevices.enumerateDevices(), one = all.find((d) => d.kind === 'videoinput');
      const other = { kind: 'videoinput', deviceId: 'other', label: 'Another' };
      navigator.mediaDevices.enumerateDevices = async () => [one, other];
      navigator.mediaDevices.ondevicechange();
    })()""")
    page.wait_for("document.getElementById('camera').options[1]?.text == 'Another'")
    assert page.run("document.getElementById('camera').selectedIndex") == 0


def test_asking_twice_for_the_link_does_not_make_the_page_its_own_rival(opened: tuple[Served, Page]) -> None:
    served, page = opened
    page.run("seen.troubles = []; 1")
    served.cut()
    page.wait_for(f"!({NO_TROUBLE})")
    page.run("(() => { const again = document.getElementById('do-retry').onclick; again?.(); again?.(); })()")
    page.wait_for(f"{NO_TROUBLE} && sockets.at(-1).readyState === 1")
    wait_until(lambda: served.has_page)
    page.press(" ")
    page.wait_for(f"{STATE} == 'setup'")
    assert not any("another tab" in words for words in page.run("seen.troubles"))


def test_a_choice_that_cannot_be_had_is_told(opened: tuple[Served, Page]) -> None:
    _, page = opened
    page.run("sockets.at(-1).send(JSON.stringify({ do: 'choose', value: { kind: 'routine', id: 'nonsense' } })); 1")
    page.wait_for("document.getElementById('wrong').textContent.includes('nonsense')")
    page.press("Escape")
    page.run("document.querySelector('#exercises button').click(); 1")
    page.wait_for("document.getElementById('wrong').textContent === ''")


def test_at_the_end_nobody_is_bothered_with_the_camera(opened: tuple[Served, Page]) -> None:
    _, page = opened
    to_block(page)
    page.press("Escape")
    page.wait_for(f"{STATE} == 'done'")
    told(page, {"kind": "camera_lost"})
    for _ in range(25):
        told(page, {"kind": "error", "text": "the picture is damaged", "of": "frame"})
    page.run("streams.at(-1).getTracks()[0].dispatchEvent(new Event('ended')); 1")  # it is unplugged
    assert page.run(NO_TROUBLE)


def test_a_film_that_is_over_before_anything_began_is_told(opened: tuple[Served, Page]) -> None:
    _, page = opened
    told(page, {"kind": "camera_ended"})
    page.wait_for(f"{TROUBLE}.includes('is over')")
    assert page.run(STATE) == "choose"


def test_what_comes_after_a_picture_is_shown_after_it(opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    hold(page)
    first, then = (moment(page, count=n, cue="", level="") for n in (5, 6))
    page.run(f"""(async () => {{
      const canvas = new OffscreenCanvas(64, 48); canvas.getContext('2d').fillRect(0, 0, 64, 48);
      const jpeg = new Uint8Array(await (await canvas.convertToBlob({{ type: 'image/jpeg' }})).arrayBuffer());
      const words = new TextEncoder().encode({json.dumps(json.dumps(first))});
      const data = new Uint8Array(4 + words.length + jpeg.length);
      new DataView(data.buffer).setUint32(0, words.length, true);
      data.set(words, 4); data.set(jpeg, 4 + words.length);
      window.counts = [];
      new MutationObserver(() => counts.push(document.getElementById('count').textContent))
        .observe(document.getElementById('count'), {{ childList: true, characterData: true, subtree: true }});
      const take = sockets.at(-1).__own;
      take({{ data: data.buffer }}); take({{ data: {json.dumps(json.dumps(then))} }});
    }})()""")
    page.wait_for("counts.includes('5') && counts.includes('6')")
    assert page.run("counts") == ["5", "6"]


@pytest.mark.parametrize(("is_well_done", "title"), [(True, "Well done"), (False, "Until next time")])
def test_only_who_did_something_is_praised_at_the_end(
    is_well_done: bool, title: str, opened: tuple[Served, Page]
) -> None:
    served, page = opened
    to_block(page, served)
    page.run("""sockets.at(-1).addEventListener('message', ({ data }) => {
      const message = JSON.parse(data);
      if (message.kind === 'hello') window.hello = message;
    })""")
    page.press("Escape")
    page.wait_for(f"{STATE} == 'done' && window.hello?.result")
    told(page, json.loads(page.run("JSON.stringify(hello)")) | {"is_well_done": is_well_done})
    page.wait_for(f"document.getElementById('done-title').textContent == {json.dumps(title)}")
    assert "The files are in" in text_of(page, "done")


def test_a_second_page_takes_over_and_may_be_taken_over_from(opened: tuple[Served, Page]) -> None:
    served, page = opened
    cookies = {cookie["name"]: cookie["value"] for cookie in page.call("Network.getCookies")["cookies"]}
    name = served.guard.cookie
    with served.talk(f"{name}={cookies[name]}", query="?take=1") as other:
        assert json.loads(other.recv(timeout=WITHIN_S))["kind"] == "hello"
        page.wait_for(f"{TROUBLE}.includes('another tab')")
        page.press("Enter")
        page.wait_for(NO_TROUBLE)
        assert json.loads(other.recv(timeout=WITHIN_S)) == {"kind": "busy"}


def test_a_page_that_may_not_talk_says_so_in_words(served: Served, page: Page) -> None:
    served.session.choose("exercise", "seated_cat_cow")
    page.open(f"http://127.0.0.1:{served.port}/?token={served.guard.token}")
    page.wait_for(f"{STATE} == 'choose'")
    cookies = {cookie["name"]: cookie["value"] for cookie in page.call("Network.getCookies")["cookies"]}
    page.open("about:blank")
    wait_until(lambda: not served.has_page)
    name = served.guard.cookie
    with served.talk(f"{name}={cookies[name]}") as other:
        assert json.loads(other.recv(timeout=WITHIN_S))["kind"] == "hello"
        page.open(served.address)
        page.wait_for(f"{TROUBLE}.includes('open in another tab') && {TROUBLE}.includes('Use this page')")
        page.press("Enter")
        page.wait_for(f"{STATE} == 'choose' && {NO_TROUBLE}")


def test_a_tab_that_is_closed_and_opened_again_goes_on_where_it_was(opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    page.open("about:blank")
    wait_until(lambda: served.session.state is State.PAUSED)
    page.open(served.address)  # the printed one, used before; this browser may
    page.wait_for(f"{STATE} == 'paused'")
    assert "Nothing is lost" in text_of(page, "paused")  # out of sight first, or at once away
    resumed_s = served.session.gathered.run_s
    until(page, f"{STATE} == 'block'")
    wait_until(lambda: served.session.gathered.run_s > resumed_s)


def test_the_key_for_pausing_never_goes_on_with_what_has_just_paused_by_itself(opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    hold(page)  # the page still shows the block ...
    served.do("interrupt", "camera")
    page.press(" ")
    pictures = watched(served.session)
    wait_until(lambda: len(pictures) > 2)  # ... and what it asked for before these has been done
    assert (served.session.state, served.session.flow.pause_reason) == (State.PAUSED, "camera")


def test_pictures_that_cannot_be_looked_at_are_named_and_the_run_can_be_ended(opened: tuple[Served, Page]) -> None:
    served, page = opened
    to_block(page, served)
    look = served.session._watch

    def fail(frame: Frame) -> Pose:
        raise EstimatorError("the pose network failed")

    served.session._watch = fail
    page.wait_for(f"{TROUBLE}.includes('the pose network failed')")
    served.session._watch = look
    page.wait_for(NO_TROUBLE)
    served.session._watch = fail
    page.wait_for(f"{TROUBLE}.includes('the pose network failed')")
    page.press("Escape")
    page.wait_for(f"{STATE} == 'done' && {NO_TROUBLE}")
    assert served.session.result is not None


def test_the_camera_that_was_chosen_is_taken_again_after_a_reload(served: Served, room: Path) -> None:
    two = "--use-fake-device-for-media-stream=device-count=2"
    with chromium(None, two, "--use-fake-ui-for-media-stream") as page:
        page.open(served.address)
        chosen = "document.getElementById('camera').selectedIndex"
        page.wait_for(f"document.getElementById('camera').options.length == 2 && {chosen} == 0")
        page.run(f"{chosen} = 1; document.getElementById('camera').dispatchEvent(new Event('change')); 1")
        device = "video.srcObject?.getVideoTracks()[0].getSettings().deviceId"
        page.wait_for(f"{device} == document.getElementById('camera').options[1].value")
        page.call("Page.reload")
        page.wait_for(f"document.getElementById('camera').options.length == 2 && {chosen} == 1")
        assert page.run(f"{device} == document.getElementById('camera').value")


def test_after_kill_9_the_next_start_offers_to_go_on(tmp_path: Path, page: Page) -> None:
    with program(tmp_path, "--exercise", "seated_cat_cow") as (child, address):
        page.open(address)
        page.wait_for(f"{STATE} == 'choose'")
        to_block(page)
        page.press("p")
        page.wait_for(f"{STATE} == 'paused' && {PAIN}")
        child.kill()
        page.wait_for("seen.troubles.some((words) => words.includes('does not answer'))")
        page.wait_for(f"{TROUBLE}.includes('formcheck live')")
    with program(tmp_path) as (child, address):
        page.open(address)
        page.wait_for("document.getElementById('do-continue').offsetHeight")
        assert "Seated cat-cow" in text_of(page, "left-over")
        assert page.run("document.getElementById('hint').hidden")
        page.run("document.getElementById('do-continue').click(); 1")
        page.wait_for(f"{STATE} == 'paused' && {PAIN}")  # what hurt is not just gone on with
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=WITHIN_S)
        assert child.returncode == 0, output
    (report,) = (tmp_path / "out").glob("*/report.json")
    assert [mark["exercise"] for mark in json.loads(report.read_text(encoding="utf-8"))["pain"]] == ["seated_cat_cow"]


# -- the keyboard, and who listens ------------------------------------------------------------------------------------


def test_everything_can_be_done_by_the_keyboard(opened: tuple[Served, Page]) -> None:
    served, page = opened
    page.run("document.getElementById('language').focus(); 1")
    for _ in range(3):  # one stop for each group of choices
        page.press("Tab")
        if page.run("document.activeElement.closest('#exercises') !== null"):
            break
    chosen = page.run("document.activeElement.dataset.id")
    assert chosen == "seated_cat_cow"
    page.press("ArrowRight")
    page.wait_for("document.activeElement.getAttribute('aria-checked') == 'true'")
    assert page.run("document.activeElement.dataset.id") != chosen
    page.press("ArrowLeft")
    page.wait_for(f"{CHECKED} == '{chosen}' && document.activeElement.dataset.id == '{chosen}'")
    page.run("document.getElementById('do-start').focus(); 1")
    page.press("Enter")
    page.wait_for(f"{STATE} == 'setup'")
    assert page.run("awake") == 1
    until(page, FOLLOWED, BEFORE)
    page.press("p")
    page.wait_for(f"{STATE} == 'paused' && {PAIN}")
    assert page.run("document.activeElement.id") == "do-skip-2"
    assert page.run("document.getElementById('stage').inert && !document.getElementById('paused').inert")
    assert page.run("awake") == 0
    assert "physiotherapist" in text_of(page, "urgent")
    for _ in range(8):
        page.press("Tab")
        assert page.run("document.activeElement === document.body || !!document.activeElement.closest('#paused')")
    page.press("Escape")
    page.wait_for(f"{STATE} == 'done'")
    page.wait_for("document.activeElement.id == 'report'")
    assert served.session.result is not None
    assert "hurt" not in text_of(page, "done")
    page.press("p")  # felt only now; this server keeps no history
    page.wait_for("document.getElementById('done').innerText.includes('Something hurt, and that could not be noted')")


def test_after_pain_no_key_goes_on_with_it(opened: tuple[Served, Page]) -> None:
    _, page = opened
    to_block(page)
    page.run("window.focused = []; addEventListener('focusin', (event) => focused.push(event.target.id)); 1")
    page.press("p")
    page.wait_for(f"{STATE} == 'paused' && {PAIN}")
    assert page.run("focused") == ["do-skip-2"]  # "Leave it out"; a screen reader has heard of no other
    page.run("document.activeElement.blur(); 1")  # as a click beside the buttons does
    page.run("window.sent = []; sockets.at(-1).send = (data) => sent.push(data); 1")
    for key in ("ArrowLeft", "ArrowRight", " "):
        page.press(key)
    asked = page.run("sent.filter((data) => typeof data === 'string').map((data) => JSON.parse(data).do)")
    assert asked == ["leave_out", "leave_out"]


def test_where_there_is_no_report_the_next_button_waits_for_enter(opened: tuple[Served, Page]) -> None:
    _, page = opened
    page.press(" ")
    page.wait_for(f"{STATE} == 'setup'")
    page.press("Escape")
    page.wait_for(f"{STATE} == 'done'")
    page.wait_for("document.activeElement.id == 'do-again'")
    assert "Nothing was counted" in text_of(page, "done")
    assert "Well done" not in text_of(page, "done")
    assert "hurt" not in text_of(page, "done")


@pytest.mark.parametrize(("is_kept", "words"), [(True, "noted in your history"), (False, "could not be noted")])
def test_pain_before_anything_was_done_is_noted_and_said(tmp_path: Path, page: Page, is_kept: bool, words: str) -> None:
    past = Past(tmp_path / "past" if is_kept else None, pytest.fail)
    with Served(tmp_path, past=past) as served:
        served.is_empty = True
        choosing(served, page)
        page.press(" ")
        page.wait_for(f"{STATE} == 'setup'")
        page.press("p")
        page.wait_for(f"{STATE} == 'paused' && {PAIN}")
        page.press("Escape")
        page.wait_for(f"{STATE} == 'done'")
        assert "Nothing was counted" in text_of(page, "done")
        assert words in text_of(page, "done")


# -- no picture is kept without a wish --------------------------------------------------------------------------------

PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"RIFF": "AVI or WebP", b"GIF8": "GIF", b"BM": "BMP"}


@pytest.mark.parametrize("wish", [(), ("--record",)])
def test_no_picture_touches_the_disk_without_a_wish(tmp_path: Path, page: Page, wish: tuple[str, ...]) -> None:
    own = {name: str(tmp_path / name.lower()) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
    for folder in own.values():
        Path(folder).mkdir()
    with program(tmp_path, "--exercise", "seated_cat_cow", *wish, environment=own) as (child, address):
        page.open(address)
        page.wait_for(f"{STATE} == 'choose'")
        assert page.run("document.getElementById('recording').offsetHeight > 20") == bool(wish)
        assert ("No picture is stored" in text_of(page, "choose")) == (not wish)
        to_block(page)
        until(
            page,
            f"{FOLLOWED} && (document.getElementById('rec').offsetHeight > 5) === {json.dumps(bool(wish))}",
            BEFORE,
        )
        page.press("Escape")
        page.wait_for(f"{STATE} == 'done'")
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=WITHIN_S)
        assert child.returncode == 0, output
    files = {path for path in tmp_path.rglob("*") if path.is_file()}
    report_names = {"report.json", "report.html", "reps.csv", "holds.csv", "angles.csv", "events.jsonl", "poses.npz"}
    kept = {path.name for path in files if path.is_relative_to(tmp_path / "out")}
    assert kept == report_names | ({"camera.mp4"} if wish else set())
    others = {path.name for path in files if not path.is_relative_to(tmp_path / "out")}
    assert others <= {"settings.json", "history.sqlite3"}
    for path in files - {file for file in files if file.name == "camera.mp4"}:
        data = path.read_bytes()
        assert not [name for start, name in PICTURES.items() if data.startswith(start)], path
        assert b"ftyp" not in data[:32], path
        assert b"data:image/jpeg" not in data
        assert path.stat().st_size < 2_000_000


def test_a_page_that_sends_pictures_before_it_begins_leaves_nothing_either(tmp_path: Path) -> None:
    import cv2
    import numpy as np

    jpeg = cv2.imencode(".jpg", np.zeros((480, 640, 3), np.uint8))[1].tobytes()
    with Served(tmp_path) as served, served.talk(served.key()) as talk:
        talk.recv(timeout=WITHIN_S)
        for i in range(5):
            talk.send(struct.pack("<d", 1.0 + i / 15) + jpeg)
            talk.recv(timeout=WITHIN_S)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
