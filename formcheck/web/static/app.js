// The page: takes the camera's newest picture, sends it when the last one was answered, shows what comes back.
import { draw, placing } from "/static/draw.js";
import { Voice } from "/static/voice.js";

const $ = (id) => document.getElementById(id);
const voice = new Voice();
const LONGEST_SIDE = 640, ANSWER_WITHIN_MS = 15000, CAPTION_MS = 4500;

let hello = null, shown = {}, texts = {}, plan = null, chosen = null;
let socket = null, retryMs = 500, failures = 0, isTaking = false, isOver = false;
let stream = null, cameraId = "", inFlight = null, sentAt = 0, lastTakenMs = 0;
let rate = 0, delay = 0, answeredAt = 0, nNoted = 0, caption = null, wakeLock = null, wasState = "";

const text = (key, values = {}) => (texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const send = (command, value) => { if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ do: command, value })); };
const setText = (element, value) => { value = value ?? ""; if (element.textContent !== value) element.textContent = value; };

// -- the link to formcheck ----------------------------------------------------------------------

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/live${isTaking ? "?take=1" : ""}`);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { retryMs = 500; failures = 0; inFlight = null; };
  socket.onmessage = (event) => typeof event.data === "string" ? receive(JSON.parse(event.data)) : receivePicture(event.data);
  socket.onclose = (event) => {
    inFlight = null;
    if (event.code === 4001) return trouble("error.other_tab", "button.take_over", () => { isTaking = true; trouble(null); connect(); });
    if (isOver) return;
    trouble(event.code === 4003 || ++failures > 4 ? "error.ended" : "error.link", "button.retry", () => { trouble(null); connect(); }, "link");
    setTimeout(() => { if (!isOver && socket.readyState === WebSocket.CLOSED) connect(); }, retryMs);
    retryMs = Math.min(4000, 2 * retryMs);
  };
}

function receive(message) {
  const takenMs = message.of === "frame" ? inFlight : null;
  if (message.of === "frame") answered();
  if (message.kind === "hello") greet(message);
  else if (message.kind === "moment") show(message);
  else if (message.kind === "settings") { hello.settings = message.settings; }
  else if (message.kind === "busy") isTaking = false;
  else if (message.kind === "unsaved") trouble("error.saving", "button.retry", () => { trouble(null); send("stop"); }, null, { reason: message.text });
  else if (message.kind === "camera_ended") send("stop");
  else if (message.kind === "camera_lost") trouble("error.lost", null, null, "camera");
  else if (message.kind === "error") console.warn(message.text);
  if (takenMs !== null) note(takenMs);
}

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
  show(message);
}

function greet(message) {
  const isFirst = hello === null;
  hello = message; texts = message.texts; plan = message.plan;
  document.documentElement.lang = voice.language = message.language;
  if (trouble.kind === "link") trouble(null);
  voice.hasServer = message.has_voice;
  voice.mute(message.settings.is_muted);
  relabel();
  fillChoose();
  if (isFirst) {
    const wanted = message.settings.language || (navigator.language || "en").slice(0, 2);
    if (message.languages.includes(wanted) && wanted !== message.language) send("language", wanted);
    if (message.is_own_camera) $("video").hidden = true; else openCamera();
  }
  if (message.moment) show(message.moment); else send("how");
}

// -- the camera ---------------------------------------------------------------------------------

async function openCamera() {
  if (!navigator.mediaDevices) return trouble("error.insecure");
  closeCamera();
  try {
    const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: cameraId ? { ...size, deviceId: { exact: cameraId } } : size });
  } catch (error) {
    const known = { NotAllowedError: "error.denied", SecurityError: "error.denied", NotFoundError: "error.none", OverconstrainedError: "error.none", NotReadableError: "error.busy", AbortError: "error.busy" };
    return trouble(known[error.name] || "error.other", "button.retry", () => { cameraId = ""; trouble(null); openCamera(); }, "camera", { reason: error.name });
  }
  const track = stream.getVideoTracks()[0];
  track.onended = () => trouble("error.unplugged", "button.retry", () => { trouble(null); openCamera(); }, "camera");
  if (trouble.kind === "camera") trouble(null);
  const video = $("video");
  video.srcObject = stream;
  await video.play().catch(() => {});
  listCameras(track.getSettings().deviceId);
  watchVideo(stream);
}

function closeCamera() { if (stream) for (const track of stream.getTracks()) { track.onended = null; track.stop(); } stream = null; }

async function listCameras(current) {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
  $("camera").replaceChildren(...cameras.map((camera, i) => new Option(camera.label || `${text("choose.camera")} ${i + 1}`, camera.deviceId, false, camera.deviceId === current)));
}

function watchVideo(own) {
  const video = $("video");
  const again = () => { if (stream === own) "requestVideoFrameCallback" in video ? video.requestVideoFrameCallback(tick) : requestAnimationFrame(() => tick(performance.now(), {})); };
  const tick = (now, data) => { again(); capture(data.captureTime ?? now); };
  again();
}

const shot = document.createElement("canvas");
function capture(takenMs) {
  const video = $("video");
  if (!video.videoWidth || !socket || socket.readyState !== WebSocket.OPEN || hello === null) return;
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
  const now = performance.now();
  if (inFlight !== null || hello.is_own_camera) {
    const ease = (old, value) => old ? old + 0.1 * (value - old) : value;
    if (answeredAt) rate = ease(rate, 1000 / Math.max(1, now - answeredAt));
    delay = hello.is_own_camera ? 0 : ease(delay, now - sentAt);
    answeredAt = now;
  }
  inFlight = null;
}

// -- what is shown ------------------------------------------------------------------------------

function show(message) {
  shown = message;
  for (const item of message.say) speak(item);
  const state = message.state;
  document.body.dataset.state = state;
  $("choose").hidden = state !== "choose";
  $("paused").hidden = state !== "paused";
  $("done").hidden = state !== "done" && state !== "saving";
  if (state !== wasState) entered(state);
  if (message.seen) fitPicture(message.seen.size);
  draw($("overlay"), state === "block" ? message : { seen: message.seen }, hello ? hello.segments : {});
  showGesture(message.gesture);
  if (message.block) showBlock(message);
  showWords(message);
  setText($("corner"), rate ? text(hello.is_own_camera ? "corner.rate_only" : "corner.rate", { rate: Math.round(rate), delay: Math.round(delay) }) : "");
}

function entered(state) {
  wasState = state;
  const mirror = $("mirror"), home = state === "choose" ? $("preview") : $("picture");
  if (mirror.parentElement !== home) { home.prepend(mirror); if (stream) $("video").play().catch(() => {}); }
  if (state === "paused") showPaused();
  if (state === "countdown") caption = null;
  if (state === "done" || state === "saving") showDone(state);
  if (["setup", "countdown", "block", "rest"].includes(state)) keepAwake(); else letSleep();
  const focus = { paused: "do-resume", choose: "do-start", done: "report" }[state];
  if (focus && !$(focus).hidden) $(focus).focus({ preventScroll: true }); else if (document.activeElement) document.activeElement.blur();
}

function fitPicture([width, height]) {
  const style = $("mirror").style;
  style.setProperty("--wide", width); style.setProperty("--high", height);
}

function showGesture(filled) {
  const isOn = filled > 0;
  $("gesture").hidden = !isOn;
  if (isOn) $("gesture-fill").style.strokeDasharray = `${100 * filled} 100`;
}

function showBlock(message) {
  const { state, block, moment } = message;
  const hold = moment && moment.hold && moment.hold.is_running ? moment.hold : null;
  const isSetup = state === "setup";
  $("ring").classList.toggle("is-setup", isSetup);
  $("ring").classList.toggle("flash", Boolean(moment && moment.flash > 0.4));
  let big = "", filled = 0;
  if (state === "countdown") { big = message.countdown; filled = 1 - (message.countdown - 1) / 3; }
  else if (isSetup) filled = message.setup.filled;
  else if (state === "rest" || (block.seconds && block.is_still)) { const left = Math.max(0, block.seconds - message.elapsed_s); big = clock(left); filled = message.elapsed_s / block.seconds; }
  else if (hold) { big = Math.floor(hold.credited_s + 1e-6); filled = hold.target_s ? hold.credited_s / hold.target_s : 0; }
  else { big = message.count; filled = moment ? moment.progress : 0; }
  setText($("count"), String(big));
  $("count").className = ["", "", "two"][String(big).length] ?? "long";
  $("ring-fill").style.strokeDasharray = `${100 * Math.min(1, Math.max(0, filled))} 100`;
  showPlacing(isSetup ? block.view : null);
  setText($("section"), isSetup ? text("setup.title") : block.section);
  setText($("title"), state === "rest" ? text("rest.title") : block.title);
  setText($("target"), isSetup || state === "rest" || state === "countdown" ? "" : targetInWords(message, hold));
  setText($("phase"), state !== "block" || !moment ? "" : moment.not_judged ? text("not_judged.now") : phaseInWords(moment));
  setText($("explain"), isSetup ? [block.change, block.turn || (plan && plan.kind === "routine" ? text(`view.${block.view}`) + "." : ""), block.ball && text("setup.ball", { where: block.ball })].filter(Boolean).join(" ") : "");
  showGauge(state === "block" && moment ? moment.gauge : null);
  showTime(message);
  showTimeline(message);
  label("do-toggle", text(state === "paused" ? "button.resume" : isSetup ? "setup.anyway" : "button.pause"));
}

function showPlacing(view) {
  const place = $("placing");
  if (place.dataset.view === String(view)) return;
  place.dataset.view = String(view);
  place.innerHTML = view ? placing(view) : "";
}

function targetInWords(message, hold) {
  const { moment, target, block } = message;
  if (hold) return text("block.of_s", { seconds: hold.target_s });
  if (!moment || (block.seconds && block.is_still)) return "";
  const what = moment.label;
  return target ? `${text("block.of", { target: target[0] === target[1] ? target[0] : `${target[0]}–${target[1]}` })} ${what}` : what;
}

function phaseInWords(moment) {
  const side = moment.side ? text(`side.${moment.side}`) : "";
  return [moment.phase, side].filter((part, i, all) => part && !(i && (all[0] || "").toLowerCase().includes(part))).join(" · ");
}

function showGauge(gauge) {
  $("gauge").hidden = !gauge;
  if (!gauge) return;
  const [low, high] = gauge.axis, share = (v) => 100 * Math.min(1, Math.max(0, (v - low) / (high - low)));
  setText($("gauge-label"), gauge.label);
  setText($("gauge-value"), gauge.value === null ? "–" : `${Math.abs(gauge.value) < 3 && high <= 3 ? gauge.value.toFixed(1) : Math.round(gauge.value)} ${gauge.unit === "deg" ? "°" : gauge.unit}`);
  const bands = $("gauge-bands"), key = JSON.stringify(gauge.bands);
  if (bands.dataset.key !== key) {
    bands.dataset.key = key;
    bands.replaceChildren(...gauge.bands.map(([a, b]) => { const band = document.createElement("i"); band.style.left = `${share(a)}%`; band.style.right = `${100 - share(b)}%`; return band; }));
  }
  $("gauge-mark").hidden = gauge.value === null;
  if (gauge.value !== null) $("gauge-mark").style.left = `${share(gauge.value)}%`;
}

function showTime(message) {
  const { block, elapsed_s: elapsed } = message;
  setText($("time"), ["setup", "countdown"].includes(message.state) ? "" : block.seconds ? text("block.left", { time: clock(Math.max(0, block.seconds - elapsed)) }) : clock(elapsed));
  const next = plan && plan.blocks[message.index + 1];
  setText($("following"), !plan || plan.blocks.length < 2 ? "" : next ? text("block.next", { title: next.title }) : text("block.last"));
}

function showTimeline(message) {
  const line = $("timeline");
  if (!plan || plan.blocks.length < 2) { line.hidden = true; return; }
  line.hidden = false;
  if (line.children.length !== plan.blocks.length) line.replaceChildren(...plan.blocks.map((block) => { const li = document.createElement("li"); li.title = block.title; return li; }));
  [...line.children].forEach((li, i) => { const name = i === message.index ? "now" : message.results[i] ? message.results[i].status : ""; if (li.className !== name) li.className = name; });
}

const clock = (seconds) => `${Math.floor(Math.ceil(seconds) / 60)}:${String(Math.ceil(seconds) % 60).padStart(2, "0")}`;

// The one line: safety first, then how to set up, then the cue, then what was last said, then what is not judged.
function showWords(message) {
  const now = performance.now(), moment = message.moment;
  const fresh = caption && now - caption.at < Math.max(CAPTION_MS, 75 * caption.text.length) ? caption : null;
  let words = "", level = "";
  if (fresh && fresh.level === "safety") [words, level] = [fresh.text, "safety"];
  else if (message.state === "setup" && !fresh) [words, level] = message.setup.problem ? [message.setup.problem, "setup"] : [text("setup.good"), "praise"];
  else if (message.state === "block" && moment && moment.cue) [words, level] = [moment.cue, moment.cue_level];
  else if (fresh) [words, level] = [fresh.text, fresh.level];
  else if (message.state === "block" && moment && moment.not_judged) [words, level] = [/\.$/.test(moment.not_judged) ? moment.not_judged : text("not_judged", { reason: moment.not_judged }), "setup"];
  else if (message.state === "block" && moment && moment.note) [words, level] = [moment.note, "setup"];
  else if (message.state === "block" && message.block.breath && !message.is_quiet) [words, level] = [message.block.breath, "breath"];
  else if (message.state === "rest") words = [message.block.title, message.block.turn].filter(Boolean).join(" ");
  else if (message.state === "setup") words = text("setup.title");
  write(words, level);
}

const SIGNS = { correction: "!", safety: "!", praise: "✓", setup: "?" };
let written = "";
function write(words, level) {
  const key = `${words}|${level}|${innerWidth}x${innerHeight}`;
  if (key === written) return;
  written = key;
  $("strip").dataset.level = level;
  setText($("sign"), words ? SIGNS[level] || "" : "");
  const line = $("line");
  setText(line, words);
  const room = $("words");
  let size = (level === "breath" ? 0.07 : 0.15) * innerHeight;
  const fits = () => { line.style.fontSize = `${size}px`; return room.scrollWidth <= room.clientWidth + 1 && line.offsetHeight <= 0.94 * $("strip").clientHeight; };
  while (!fits() && size > 0.026 * innerHeight) size *= 0.94;
}

function speak({ text: words, level }) {
  if (level !== "count" && !(level === "info" && /^[123]$/.test(words))) {
    caption = { text: words, level, at: performance.now() };
    $(level === "safety" ? "urgent" : "spoken").textContent = words;
  }
  voice.say(words, level);
}

function showPaused() {
  const reason = shown.paused || "asked";
  $("paused").classList.toggle("safety", reason === "safety");
  setText($("paused-title"), text(reason === "safety" ? "paused.safety" : "paused.title"));
  setText($("paused-text"), text(reason === "safety" ? "paused.safety_more" : `paused.${reason}`));
}

function showDone(state) {
  const result = hello && hello.result, isSaving = state === "saving";
  setText($("done-title"), text(isSaving ? "saving.title" : "done.title"));
  setText($("done-folder"), isSaving ? "" : result ? text("done.files", { folder: result.folder }) : text("done.nothing"));
  $("report").hidden = isSaving || !result; $("do-again").hidden = isSaving;
  const lines = !isSaving && result ? result.lines : [];
  $("done-lines").replaceChildren(...lines.map((line) => {
    const li = document.createElement("li"), name = document.createElement("span"), value = document.createElement("b");
    name.textContent = line.title;
    value.textContent = Object.entries(line.counted).map(([what, n]) => `${n} ${text([`counted.${what}${n === 1 ? "_1" : ""}`, `counted.${what}`, "counted.other"].find((key) => texts[key]))}`).join(", ") || "–";
    li.append(name, value);
    return li;
  }));
}

function trouble(key, buttonKey, act, kind = null, values = {}) {
  trouble.kind = key ? kind : null;
  $("trouble").hidden = !key;
  if (!key) return;
  setText($("trouble-text"), text(key, values));
  const button = $("do-retry");
  button.hidden = !buttonKey;
  if (buttonKey) { setText(button, text(buttonKey)); button.onclick = act; button.focus(); }
}

// -- choosing -----------------------------------------------------------------------------------

function relabel() {
  document.title = texts["app.title"] || "formcheck";
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const [id, key] of [["do-toggle", "button.pause"], ["do-repeat", "button.repeat"], ["do-skip", "button.skip"], ["do-extend", "button.extend"], ["do-stop", "button.stop"]]) label(id, text(key));
  label("do-mute", text(voice.isMuted ? "button.unmute" : "button.mute"));
  setText($("language"), text("button.language"));
  written = "";
}

const label = (id, words) => setText($(id).querySelector("span"), words);

function fillChoose() {
  if (plan) chosen = { kind: plan.kind, id: plan.id };
  fillChoices("routines", "routine", hello.routines.map((r) => [r.id, r.title, text("choose.minutes", { minutes: r.minutes })]));
  fillChoices("exercises", "exercise", hello.exercises.map((e) => [e.id, e.title, ""]));
  $("do-start").disabled = !chosen;
  const left = hello.interrupted;
  $("left-over").hidden = !left;
  if (left) { setText($("left-over").querySelector("p"), ""); setText($("do-continue"), text("choose.continue", left)); }
  for (const [id, key] of [["height", "height_cm"], ["ball", "ball_cm"]]) if (document.activeElement !== $(id)) $(id).value = hello.settings[key] ?? "";
  $("camera-field").hidden = hello.is_own_camera;
  $("safety").hidden = !plan;
  if (plan) $("safety").querySelector("ul").replaceChildren(...plan.safety.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  if (!plan) choose("routine", hello.routines[0].id);
}

function fillChoices(id, kind, rows) {
  $(id).replaceChildren(...rows.map(([name, title, more]) => {
    const button = document.createElement("button");
    const isChosen = Boolean(chosen && chosen.kind === kind && chosen.id === name);
    button.setAttribute("role", "radio"); button.setAttribute("aria-checked", String(isChosen));
    button.dataset.id = name;
    button.append(title);
    if (more) button.append(Object.assign(document.createElement("small"), { textContent: more }));
    button.onclick = () => choose(kind, name);
    return button;
  }));
}

function choose(kind, id) { chosen = { kind, id }; send("choose", chosen); }

// -- hands on -----------------------------------------------------------------------------------

function begin() { voice.unlock(); if (chosen) send("start"); }

function mute() {
  voice.mute(!voice.isMuted);
  send("settings", { is_muted: voice.isMuted });
  label("do-mute", text(voice.isMuted ? "button.unmute" : "button.mute"));
}

function toggle() {
  const state = shown.state;
  if (state === "choose") begin(); else if (state === "setup") send("start"); else if (state === "done") send("again"); else send("toggle");
}

const stop = () => { voice.silence(); send("stop"); };
const again = () => send("again");

const CLICKS = { "do-start": begin, "do-toggle": toggle, "do-resume": () => send("resume"), "do-skip": () => send("skip"), "do-skip-2": () => send("skip"), "do-repeat": () => send("repeat"), "do-repeat-2": () => send("repeat"), "do-extend": () => send("extend"), "do-stop": stop, "do-stop-2": stop, "do-mute": mute, "do-again": again, "do-continue": () => send("continue_last"), "do-forget": () => send("forget_last") };
for (const [id, act] of Object.entries(CLICKS)) $(id).addEventListener("click", (event) => { voice.unlock(); act(); event.currentTarget.blur(); });

$("language").addEventListener("click", () => {
  const other = hello.languages[(hello.languages.indexOf(hello.language) + 1) % hello.languages.length];
  send("settings", { language: other }); send("language", other);
});
for (const [id, key] of [["height", "height_cm"], ["ball", "ball_cm"]]) $(id).addEventListener("change", () => {
  const value = Number.parseFloat($(id).value);
  send("settings", { [key]: Number.isFinite(value) ? value : null });
});
$("camera").addEventListener("change", () => { cameraId = $("camera").value; openCamera(); });

const KEYS = { " ": toggle, ArrowRight: () => send("skip"), ArrowLeft: () => send("repeat"), ArrowUp: () => send("extend"), m: mute, M: mute, Escape: stop };
addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || !hello) return;
  const inField = /^(INPUT|SELECT)$/.test(event.target.tagName);
  const onButton = /^(BUTTON|A)$/.test(event.target.tagName);
  const act = KEYS[event.key];
  if (!act || inField || (event.key === " " && onButton) || (shown.state === "choose" && event.key.startsWith("Arrow"))) return;
  event.preventDefault();
  voice.unlock();
  act();
});
addEventListener("pointerdown", () => voice.unlock(), { once: false });
addEventListener("resize", () => { written = ""; });

// -- awake, and gone ----------------------------------------------------------------------------

async function keepAwake() {
  if (wakeLock || !navigator.wakeLock || document.hidden) return;
  try { wakeLock = await navigator.wakeLock.request("screen"); wakeLock.onrelease = () => { wakeLock = null; }; } catch { wakeLock = null; }
}
function letSleep() { if (wakeLock) wakeLock.release().catch(() => {}); }

document.addEventListener("visibilitychange", () => {
  if (document.hidden) { if (["block", "rest"].includes(shown.state)) send("interrupt"); }
  else if (["setup", "countdown", "block", "rest"].includes(shown.state)) keepAwake();
});
addEventListener("pagehide", () => { isOver = true; closeCamera(); });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

connect();
