// What a run looks like: the dial with count, hold or breath, the one line of words, the gauge, the timeline.
import { placing } from "/static/draw.js";
import { $, clock, label, page, setText, text } from "/static/page.js";

const CAPTION_MS = 4500, SETTLING_S = 2;
let caption = null;

export function say({ text: words, level }) {
  if (level !== "count" && level !== "countdown") caption = { text: words, level, at: performance.now() };
  $(level === "safety" ? "urgent" : "spoken").textContent = words;
}

export function forgetCaption() { caption = null; }

export function showGesture(filled) {
  $("gesture").hidden = !(filled > 0);
  $("gesture-fill").style.strokeDasharray = `${100 * filled} 100`;
}

export function showBlock(message) {
  const { state, block, moment } = message;
  const isSetup = state === "setup", isActive = state === "block" || state === "rest";
  const hold = moment && moment.hold && moment.hold.is_running ? moment.hold : null;
  $("ring").classList.toggle("is-setup", isSetup);
  $("ring").classList.toggle("flash", Boolean(moment && moment.flash > 0.4));
  const [big, filled] = dial(message, hold);
  setText($("count"), big);
  $("count").className = ["", "", "two"][String(big).length] ?? "long";
  $("ring-fill").style.strokeDasharray = `${100 * Math.min(1, Math.max(0, filled))} 100`;
  showPlacing(isSetup ? block.view : null);
  showPacer(isActive ? block.pacer : null, message);
  setText($("section"), isSetup ? text(block.is_optional ? "setup.optional" : "setup.title") : block.section);
  setText($("title"), state === "rest" ? text("rest.title") : block.title);
  setText($("target"), state === "block" ? targetInWords(message, hold) : "");
  setText($("phase"), state !== "block" || !moment ? "" : isUnjudged(message) ? text("not_judged.now") : phaseInWords(moment, block));
  setText($("explain"), isSetup ? howToSetUp(block) : "");
  showGauge(state === "block" && moment ? moment.gauge : null);
  showTime(message);
  showTimeline(message);
  label("do-toggle", text(state === "paused" ? "button.resume" : isSetup ? "setup.anyway" : "button.pause"));
  fitBeside(state);
}

// The words at the dial are made smaller until they all have room, and do not grow again before the next movement.
const WORDS = ["title", "target", "phase", "explain", "breath-word", "breath-marks"], FIT_STEP = 0.05, LEAST_FIT = 0.55;
let fit = 1, fitPlace = "", fitWords = "";
function fitBeside(state) {
  const place = `${state}|${$("title").textContent}|${innerWidth}x${innerHeight}`, words = WORDS.map((id) => $(id).textContent).join("|");
  if (place === fitPlace && words === fitWords) return;
  const beside = $("beside"), isWide = (id) => $(id).scrollWidth > $(id).clientWidth + 1;
  if (place !== fitPlace) $("side").style.setProperty("--fit", fit = 1);
  while (fit > LEAST_FIT && (beside.scrollHeight > beside.clientHeight + 1 || WORDS.some(isWide))) $("side").style.setProperty("--fit", fit -= FIT_STEP);
  [fitPlace, fitWords] = [place, words];
}

function dial(message, hold) {
  const { state, block, moment } = message;
  if (state === "countdown") return [message.countdown, 1 - (message.countdown - 1) / 3];
  if (state === "setup") return ["", message.setup.filled];
  if (state === "rest" || (block.seconds && block.is_still)) {
    const left = Math.ceil(Math.max(0, block.seconds - message.elapsed_s));
    return [left < 100 ? left : clock(left), message.elapsed_s / block.seconds];
  }
  if (hold) return [Math.floor(hold.credited_s + 1e-6), hold.target_s ? hold.credited_s / hold.target_s : 0];
  return [message.count, moment ? moment.progress : 0];
}

function howToSetUp(block) {
  const turn = block.turn || (page.plan && page.plan.kind === "routine" ? `${text(`view.${block.view}`)}.` : "");
  return [block.change, turn, block.ball && text("setup.ball", { where: block.ball })].filter(Boolean).join(" ");
}

function showPlacing(view) {
  const place = $("placing");
  if (place.dataset.view === String(view)) return;
  place.dataset.view = String(view);
  place.innerHTML = view ? placing(view) : "";
}

function targetInWords({ moment, target, block }, hold) {
  if (hold) return text("block.of_s", { seconds: hold.target_s });
  if (!moment || (block.seconds && block.is_still)) return "";
  const what = moment.label;
  return target ? `${text("block.of", { target: target[0] === target[1] ? target[0] : `${target[0]}–${target[1]}` })} ${what}` : what;
}

function phaseInWords(moment, block) {
  const side = moment.side ? text(`side.${moment.side}`) : "";
  if (block.which && moment.phase && moment.phase.toLowerCase() === block.which.toLowerCase()) return "";  // the title says it
  return [moment.phase, side].filter((part, i, all) => part && !(i && (all[0] || "").toLowerCase().includes(part))).join(" · ");
}

// -- the breath to go along with: a disc that grows and shrinks; without motion, a bar that fills second by second ----

function showPacer(pacer, message) {
  $("pacer").hidden = $("breath").hidden = !pacer;
  if (!pacer) return;
  const at = message.elapsed_s % (pacer.in_s + pacer.out_s), isIn = at < pacer.in_s;
  const whole = isIn ? pacer.in_s : pacer.out_s, gone = isIn ? at : at - pacer.in_s;
  const ease = (1 - Math.cos(Math.PI * Math.min(1, gone / whole))) / 2;
  $("pacer").style.transform = `scale(${(0.36 + 0.6 * (isIn ? ease : 1 - ease)).toFixed(3)})`;
  setText($("breath-word"), `${isIn ? "↑" : "↓"} ${text(isIn ? "breath.in" : "breath.out")}`);
  setText($("breath-marks"), message.state === "block" ? `${text(matchMedia("(pointer: coarse)").matches ? "breath.tap" : "breath.mark")}${message.breaths ? ` · ${message.breaths}` : ""}` : "");
  const bar = $("breath-bar"), n = Math.round(whole);
  if (bar.children.length !== n) bar.replaceChildren(...Array.from({ length: n }, () => document.createElement("i")));
  const lit = isIn ? Math.floor(gone) + 1 : n - Math.floor(gone);
  [...bar.children].forEach((part, i) => part.classList.toggle("lit", i < lit));
}

// -- gauge, time, timeline ------------------------------------------------------------------------

function showGauge(gauge) {
  $("gauge").hidden = !gauge;
  if (!gauge) return;
  const [low, high] = gauge.axis, share = (v) => 100 * Math.min(1, Math.max(0, (v - low) / (high - low)));
  setText($("gauge-label"), gauge.label);
  setText($("gauge-value"), gauge.value === null ? "–" : amount(gauge.value, Math.abs(gauge.value) < 3 && high <= 3 ? 1 : 0, gauge.unit));
  const bands = $("gauge-bands"), key = JSON.stringify(gauge.bands);
  if (bands.dataset.key !== key) {
    bands.dataset.key = key;
    bands.replaceChildren(...gauge.bands.map(([a, b]) => { const band = document.createElement("i"); band.style.left = `${share(a)}%`; band.style.right = `${100 - share(b)}%`; return band; }));
  }
  $("gauge-mark").hidden = gauge.value === null;
  if (gauge.value !== null) $("gauge-mark").style.left = `${share(gauge.value)}%`;
}

// As in "−12°", and in German "0,4 T".
function amount(value, digits, unit) {
  const number = value.toLocaleString(page.hello.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace(/^-(?=[0.,]+$)/, "").replace("-", "−");
  return `${number}${unit === "deg" ? "°" : ` ${unit}`}`;
}

function showTime({ block, elapsed_s: elapsed, state, index }) {
  setText($("time"), ["setup", "countdown"].includes(state) ? "" : block.seconds ? text("block.left", { time: clock(Math.max(0, block.seconds - elapsed)) }) : clock(elapsed));
  const blocks = page.plan ? page.plan.blocks : [], next = blocks[index + 1];
  setText($("following"), blocks.length < 2 ? "" : next ? text("block.next", { title: (next.name === block.name && next.which) || next.title }) : text("block.last"));
}

function showTimeline({ index, results }) {
  const line = $("timeline"), blocks = page.plan ? page.plan.blocks : [];
  line.hidden = blocks.length < 2;
  if (line.hidden) return;
  if (line.children.length !== blocks.length) line.replaceChildren(...blocks.map((block) => { const li = document.createElement("li"); li.title = block.title; return li; }));
  [...line.children].forEach((li, i) => { const name = i === index ? "now" : results[i] ? results[i].status : ""; if (li.className !== name) li.className = name; });
}

// A movement is looked at for a moment before it is judged; the set-up has just said that the view is good.
const isUnjudged = ({ moment, elapsed_s: elapsed }) => Boolean(moment.not_judged) && elapsed >= SETTLING_S;

// -- the one line: safety first, then how to set up, then the cue, then what was last said, then what is not judged ----

export function showWords(message) {
  const now = performance.now(), { moment, state } = message;
  const fresh = caption && now - caption.at < Math.max(CAPTION_MS, 75 * caption.text.length) ? caption : null;
  if (fresh && fresh.level === "safety") return write(fresh.text, "safety");
  if (state === "setup") return message.setup.problem ? write(message.setup.problem, "setup") : write(text("setup.good"), "praise");
  if (state === "block" && moment && moment.cue) return write(moment.cue, moment.cue_level);
  if (fresh) return write(fresh.text, fresh.level);
  if (state === "rest") return write([message.block.title, message.block.turn].filter(Boolean).join(" "), "");
  if (state !== "block" || !moment) return write("", "");
  if (isUnjudged(message)) return write(/[.!?]$/.test(moment.not_judged) ? moment.not_judged : text("not_judged", { reason: moment.not_judged }), "setup");
  if (moment.note) return write(moment.note, "setup");
  return write(message.block.breath || "", "breath");
}

const SIGNS = { correction: "!", safety: "!", praise: "✓", setup: "?" };
const LINE_HEIGHT = 1.06, CUE_SHARE = 0.15, QUIET_SHARE = 0.075, LEAST_SHARE = 0.03, MOST_LINES = 5;
let written = "";

export function rewrite() { written = ""; }

function write(words, level) {
  const key = `${words}|${level}|${innerWidth}x${innerHeight}`;
  if (key === written) return;
  written = key;
  $("strip").dataset.level = level;
  setText($("sign"), words ? SIGNS[level] || "" : "");
  const { lines, size } = fitted(words, level === "breath" ? QUIET_SHARE : CUE_SHARE);
  $("line").style.fontSize = `${size}px`;
  setText($("line"), lines.join("\n"));
}

// As large as it goes in the strip, and together at least as high as a cue has to be where that can be had.
function fitted(words, share) {
  const room = $("words"), sign = $("sign"), style = getComputedStyle(room);
  const wide = room.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - (sign.textContent ? sign.offsetWidth + parseFloat(style.columnGap) : 0);
  const high = 0.97 * $("strip").clientHeight, most = share * innerHeight;
  const pen = fitted.pen ??= document.createElement("canvas").getContext("2d");
  pen.font = `700 100px ${getComputedStyle($("line")).fontFamily}`;
  const options = [];
  for (let n = 1; n <= MOST_LINES; n++) {
    const lines = balanced(words, n, pen), widest = Math.max(1, ...lines.map((line) => pen.measureText(line).width));
    const size = Math.min(most, 98 * wide / widest, high / (lines.length * LINE_HEIGHT));
    options.push({ lines, size, isHigh: lines.length * size * LINE_HEIGHT >= share * innerHeight });
  }
  const large = options.filter((option) => option.isHigh && option.size >= most / 3);
  const best = (large.length ? large : options).reduce((a, b) => (b.size > a.size + 0.5 ? b : a));
  return { lines: best.lines, size: Math.max(best.size, LEAST_SHARE * innerHeight) };
}

// The words in at most `n` lines, the longest of them as short as can be.
function balanced(words, n, pen) {
  const parts = words.split(/\s+/);
  const widths = parts.map((part) => pen.measureText(part).width), space = pen.measureText(" ").width;
  const broken = (limit) => {
    const lines = [];
    let line = "", width = 0;
    parts.forEach((part, i) => {
      if (line && width + space + widths[i] > limit) { lines.push(line); line = ""; width = 0; }
      width += (line ? space : 0) + widths[i];
      line = line ? `${line} ${part}` : part;
    });
    return [...lines, line];
  };
  let low = Math.max(...widths), high = widths.reduce((a, b) => a + b + space, 0);
  if (broken(low).length <= n) return broken(low);
  while (high - low > 4) { const middle = (low + high) / 2; if (broken(middle).length <= n) high = middle; else low = middle; }
  return broken(high);
}
