// The page: takes the camera's newest picture, sends it when the last one was answered, shows what comes back.
import { chooseCamera, closeCamera, hasCamera, openCamera } from "/static/camera.js";
import { fillChoose, isChosen, showSettings } from "/static/choose.js";
import { draw } from "/static/draw.js";
import { $, label, needsPictures, page, send, setText, shutOff, text, trouble } from "/static/page.js";
import { forgetCaption, rewrite, say, showBlock, showGesture, showWords } from "/static/stage.js";
import { Voice } from "/static/voice.js";

const voice = new Voice();
const LONGEST_SIDE = 640, ANSWER_WITHIN_MS = 15000;
const MOST_BUSY = 3;  // times to ask again at first: the page before this one may be just closing
const MOST_REFUSED = 20;  // pictures in a row that could not be looked at: not a hiccup any more
const RUNNING = ["setup", "countdown", "block", "rest"];
const ALWAYS = ["Escape", "p"];  // can be done whatever is in the way

let retryMs = 500, failures = 0, isTaking = false, isOver = false;
let inFlight = null, sentAt = 0, lastTakenMs = 0, rate = 0, delay = 0, answeredAt = 0, nNoted = 0;
let wakeLock = null, wasState = "", nRefused = 0, nBusy = 0, isFilmOver = false;

// -- the link to formcheck ----------------------------------------------------------------------

let inTurn = Promise.resolve();  // a picture takes a moment to be decoded: what comes after it waits

function connect() {
  if (page.socket) { page.socket.onclose = page.socket.onmessage = null; page.socket.close(); }  // asked for again meanwhile
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = page.socket = new WebSocket(`${scheme}://${location.host}/live${isTaking ? "?take=1" : ""}`);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { retryMs = 500; inFlight = null; };
  socket.onmessage = ({ data }) => { inTurn = inTurn.then(() => typeof data === "string" ? receive(JSON.parse(data)) : receivePicture(data)).catch(reportError); };
  socket.onclose = (event) => {
    if (socket !== page.socket) return;
    inFlight = null;
    if (event.code === 4001 && page.hello === null && nBusy++ < MOST_BUSY) return setTimeout(connect, 400);
    if (event.code === 4001) return trouble("error.other_tab", "button.take_over", () => { isTaking = true; trouble(null); connect(); });
    if (isOver) return;
    failures += 1;
    trouble(event.code === 4003 || failures > 4 ? "error.ended" : "error.link", "button.retry", () => { trouble(null); connect(); }, "link");
    setTimeout(() => { if (!isOver && page.socket === socket) connect(); }, retryMs);
    retryMs = Math.min(4000, 2 * retryMs);
  };
}

function receive(message) {
  const takenMs = message.of === "frame" ? inFlight : null;
  if (message.of === "frame") { answered(); countRefused(message); }
  if (message.kind === "hello") greet(message);
  else if (message.kind === "moment") show(message);
  else if (message.kind === "settings") { page.hello.settings = message.settings; showSettings(); }
  else if (message.kind === "busy") isTaking = false;
  else if (message.kind === "unsaved") trouble("error.saving", "button.retry", () => { trouble(null); send("stop"); }, null, { reason: message.text });
  else if (message.kind === "camera_ended") { isFilmOver = true; page.shown.state === "choose" ? tellFilmIsOver() : send("stop"); }
  else if (message.kind === "camera_lost") { if (needsPictures()) trouble("error.lost", null, null, "camera"); }
  else if (message.kind === "error") refused(message);
  if (takenMs !== null) note(takenMs);
}

function countRefused({ kind, text: reason }) {
  nRefused = kind === "error" ? nRefused + 1 : 0;
  if (nRefused >= MOST_REFUSED && !trouble.key && needsPictures()) trouble("error.picture", null, null, "picture", { reason });
  else if (!nRefused && trouble.kind === "picture") trouble(null);
}

// A choice that cannot be had is told where it was made.
function refused({ text: reason, of }) {
  console.warn(reason);
  if (!of && page.shown.state === "choose") setText($("wrong"), reason);
}

const tellFilmIsOver = () => trouble("error.over", null, null, "film");

// From picture to drawing, for whoever measures; the browser keeps the last thousands.
function note(takenMs) {
  if (++nNoted % 4000 === 0) performance.clearMeasures("picture to drawing");
  performance.measure("picture to drawing", { start: takenMs, end: performance.now() });
}

async function receivePicture(data) {
  const length = new DataView(data).getUint32(0, true);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const picture = await createImageBitmap(new Blob([new Uint8Array(data, 4 + length)], { type: "image/jpeg" }));
  const shot = $("shot");
  shot.width = picture.width; shot.height = picture.height;
  shot.getContext("2d").drawImage(picture, 0, 0);
  picture.close();
  if (trouble.kind === "camera") trouble(null);
  sentAt = performance.now();
  answered();
  countRefused(message);
  show(message);
}

function greet(message) {
  const isFirst = page.hello === null;
  page.hello = message; page.texts = message.texts; page.plan = message.plan;
  failures = 0; isTaking = false;
  document.documentElement.lang = voice.language = message.language;
  const wasAway = trouble.kind === "link";
  if (wasAway) trouble(null);
  voice.hasServer = message.has_voice;
  voice.mute(message.settings.is_muted);
  relabel();
  fillChoose();
  if (isFirst) {
    const wanted = message.settings.language || (navigator.language || "en").slice(0, 2);
    if (message.languages.includes(wanted) && wanted !== message.language) send("language", wanted);
    if (message.is_own_camera) $("video").hidden = true; else openCamera(capture);
  } else if (wasAway && !message.is_own_camera && !hasCamera()) openCamera();  // what was wrong with it is told again
  show(message.moment);
  if (wasState === "done") showDone(wasState);  // something may have been added
}

// -- pictures to formcheck: the newest, and only when the last one was answered --------------------------

const shot = document.createElement("canvas");
function capture(takenMs) {
  const video = $("video"), socket = page.socket;
  if (!video.videoWidth || !socket || socket.readyState !== WebSocket.OPEN || page.hello === null) return;
  if (inFlight !== null) { if (performance.now() - sentAt > ANSWER_WITHIN_MS) socket.close(); return; }
  if (takenMs <= lastTakenMs) return;
  lastTakenMs = takenMs;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
  const width = 4 * Math.round(video.videoWidth * scale / 4), height = Math.round(video.videoHeight * scale);
  if (shot.width !== width || shot.height !== height) { shot.width = width; shot.height = height; }
  shot.getContext("2d", { alpha: false }).drawImage(video, 0, 0, width, height);
  inFlight = takenMs; sentAt = performance.now();
  shot.toBlob(async (blob) => {
    if (!blob || socket.readyState !== WebSocket.OPEN) { inFlight = null; return; }
    const data = new Uint8Array(8 + blob.size);
    new DataView(data.buffer).setFloat64(0, takenMs / 1000, true);
    data.set(new Uint8Array(await blob.arrayBuffer()), 8);
    if (socket.readyState === WebSocket.OPEN) socket.send(data); else inFlight = null;
  }, "image/jpeg", 0.8);
}

function answered() {
  const now = performance.now(), isOwn = page.hello.is_own_camera;
  if (inFlight !== null || isOwn) {
    const ease = (old, value) => old ? old + 0.1 * (value - old) : value;
    if (answeredAt) rate = ease(rate, 1000 / Math.max(1, now - answeredAt));
    delay = isOwn ? 0 : ease(delay, now - sentAt);
    answeredAt = now;
  }
  inFlight = null;
}

// -- what is shown ------------------------------------------------------------------------------

function show(message) {
  page.shown = message;
  for (const item of message.say) { say(item); voice.say(item.text, item.level); }
  const { state } = message;
  if (state !== wasState) entered(state);
  if (message.seen) fitPicture(message.seen.size);
  draw($("overlay"), state === "block" ? message : { seen: message.seen }, page.hello ? page.hello.segments : {});
  showGesture(message.gesture);
  if (message.block) showBlock(message);
  showWords(message);
  if (state === "paused" && $("paused").dataset.reason !== message.paused) showPaused(message);
  $("rec").hidden = !(message.is_recording && RUNNING.includes(state));
  setText($("corner"), rate ? text(page.hello.is_own_camera ? "corner.rate_only" : "corner.rate", { rate: Math.round(rate), delay: Math.round(delay) }) : "");
}

function entered(state) {
  wasState = document.body.dataset.state = state;
  $("choose").hidden = state !== "choose";
  $("paused").hidden = state !== "paused";
  $("done").hidden = state !== "done" && state !== "saving";
  const mirror = $("mirror"), home = state === "choose" ? $("preview") : $("picture");
  if (mirror.parentElement !== home) { home.prepend(mirror); $("video").play().catch(() => {}); }
  $("paused").dataset.reason = "";
  if (state === "countdown") forgetCaption();
  if (state === "done" || state === "saving") showDone(state);
  if (state === "choose" && isFilmOver) tellFilmIsOver();
  if (!needsPictures() && ["camera", "picture"].includes(trouble.kind)) trouble(null);
  if (state !== "paused") shutOff();  // why it pauses decides which button waits for Enter
  if (RUNNING.includes(state)) keepAwake(); else letSleep();
}

function fitPicture([width, height]) {
  const style = $("mirror").style;
  style.setProperty("--wide", width); style.setProperty("--high", height);
}

function showPaused(message) {
  const reason = message.paused || "asked", isPain = reason === "pain", isSafety = isPain || reason === "safety";
  $("paused").dataset.reason = reason;
  $("paused").classList.toggle("safety", isSafety);
  $("paused").classList.toggle("pain", isPain);
  setText($("paused-title"), text({ safety: "paused.safety", pain: "paused.pain_title" }[reason] || "paused.title"));
  setText($("paused-text"), text(reason === "safety" ? "paused.safety_more" : `paused.${reason}`));
  setText($("do-resume"), text(isPain ? "button.anyway" : "button.resume"));
  setText($("do-skip-2"), text(isPain ? "button.leave_out" : "button.skip"));
  $("do-resume").classList.toggle("primary", !isPain);
  $("do-skip-2").classList.toggle("primary", isPain);
  $("do-repeat-2").hidden = isPain;
  if (document.activeElement) document.activeElement.blur();
  shutOff();
}

function showDone(state) {
  const { hello } = page, isSaving = state === "saving", result = isSaving ? null : hello.result;
  const isLeftOut = hello.is_pain_noted === null && page.plan?.kind === "exercise" && hello.steps.some((step) => step.change === "hurt" && !step.is_refused);
  setText($("done-title"), text(isSaving ? "saving.title" : result && hello.is_well_done ? "done.title" : "done.title_nothing"));
  setText($("done-nothing"), isSaving || result ? "" : text(isLeftOut ? "done.left_out" : "done.nothing"));
  setText($("done-folder"), isSaving || !result ? "" : text("done.files", { folder: result.folder }));
  const isNoted = isSaving ? null : hello.is_pain_noted;
  setText($("done-pain"), isNoted === null ? "" : text(isNoted ? "done.pain_noted" : "done.pain_not_noted"));
  setText($("done-trouble"), isSaving ? "" : page.shown.trouble);
  $("report").hidden = !result; $("do-again").hidden = isSaving;
  $("done-lines").replaceChildren(...(result ? result.lines : []).map((line) => {
    const li = document.createElement("li"), name = document.createElement("span"), value = document.createElement("b");
    name.textContent = line.title;
    value.textContent = line.counted;
    li.append(name, value);
    return li;
  }));
}

const BUTTONS = [["do-toggle", "button.pause"], ["do-repeat", "button.repeat"], ["do-skip", "button.skip"], ["do-extend", "button.extend"], ["do-pain", "button.pain"], ["do-stop", "button.stop"]];

function relabel() {
  document.title = text("app.title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const [id, key] of BUTTONS) label(id, text(key));
  label("do-mute", text(voice.isMuted ? "button.unmute" : "button.mute"));
  setText($("language"), text("button.language"));
  $("language").lang = page.hello.languages.find((language) => language !== page.hello.language);
  $("paused").dataset.reason = "";
  rewrite();
}

// -- hands on -----------------------------------------------------------------------------------

function begin() { voice.unlock(); if (isChosen()) send("start"); }

function mute() {
  voice.mute(!voice.isMuted);
  send("settings", { is_muted: voice.isMuted });
  label("do-mute", text(voice.isMuted ? "button.unmute" : "button.mute"));
}

// Asks for what is shown: should it have paused by itself meanwhile, it does not go on; nor does it after pain.
function toggle() {
  const { state } = page.shown;
  if (afterPain()) send("leave_out"); else if (state === "choose") begin(); else if (state === "setup") send("start"); else if (state === "done") send("again"); else send(state === "paused" ? "resume" : "pause");
}

const stop = () => { voice.silence(); send("stop"); };
const hurts = () => { voice.silence(); send("hurts"); };
const breath = () => { if (page.shown.state === "block") { send("breath"); $("ring").classList.add("breathed"); setTimeout(() => $("ring").classList.remove("breathed"), 250); } };
const ask = (command) => () => send(command);

const afterPain = () => page.shown.state === "paused" && page.shown.paused === "pain";
const skipOrLeaveOut = () => send(afterPain() ? "leave_out" : "skip");
const repeat = () => { if (!afterPain()) send("repeat"); };

const CLICKS = {
  "do-start": begin, "do-continue": ask("continue_last"), "do-forget": ask("forget_last"), "do-again": ask("again"),
  "do-toggle": toggle, "do-resume": ask("resume"), "do-extend": ask("extend"), "do-mute": mute, "do-pain": hurts,
  "do-skip": ask("skip"), "do-skip-2": skipOrLeaveOut, "do-repeat": repeat, "do-repeat-2": repeat,
  "do-stop": stop, "do-stop-2": stop,
};
for (const [id, act] of Object.entries(CLICKS)) $(id).addEventListener("click", (event) => { voice.unlock(); act(); event.currentTarget.blur(); });
$("ring").addEventListener("click", breath);

$("language").addEventListener("click", () => {
  const { language, languages } = page.hello, other = languages[(languages.indexOf(language) + 1) % languages.length];
  send("settings", { language: other }); send("language", other);
});
$("camera").addEventListener("change", () => chooseCamera($("camera").value));

const KEYS = { " ": toggle, ArrowRight: skipOrLeaveOut, ArrowLeft: repeat, ArrowUp: ask("extend"), m: mute, p: hurts, b: breath, Escape: stop };
addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || !page.hello) return;
  const inField = /^(INPUT|SELECT)$/.test(event.target.tagName), onButton = /^(BUTTON|A)$/.test(event.target.tagName);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, act = KEYS[key];
  if (trouble.key && !ALWAYS.includes(key)) return;
  if (!act || inField || (event.key === " " && onButton) || (page.shown.state === "choose" && event.key.startsWith("Arrow"))) return;
  event.preventDefault();
  voice.unlock();
  act();
});
addEventListener("pointerdown", () => voice.unlock());
addEventListener("resize", rewrite);

// -- awake, and gone ----------------------------------------------------------------------------

async function keepAwake() {
  if (wakeLock || !navigator.wakeLock || document.hidden) return;
  try { wakeLock = await navigator.wakeLock.request("screen"); wakeLock.onrelease = () => { wakeLock = null; }; } catch { wakeLock = null; }
}
function letSleep() { if (wakeLock) wakeLock.release().catch(() => {}); }

document.addEventListener("visibilitychange", () => {
  if (document.hidden) send("interrupt", "hidden");
  else if (RUNNING.includes(page.shown.state)) keepAwake();
});
addEventListener("pagehide", () => { isOver = true; closeCamera(); page.socket.close(); });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

connect();
