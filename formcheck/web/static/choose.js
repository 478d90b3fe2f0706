// The first sheet: what to do, from which camera, who does it, and the person's own next steps.
import { $, page, send, setText, text } from "/static/page.js";

const FIELDS = [["height", "height_cm"], ["ball", "ball_cm"]];
let chosen = null, isEditing = false;

export function fillChoose() {
  const { hello, plan } = page;
  if (plan) chosen = { kind: plan.kind, id: plan.id };
  fillChoices("routines", "routine", hello.routines.map((r) => [r.id, r.title, text("choose.minutes", { minutes: r.minutes })]));
  fillChoices("exercises", "exercise", hello.exercises.map((e) => [e.id, e.title, ""]));
  $("do-start").disabled = !chosen;
  if (!FIELDS.some(([id]) => $(id).getAttribute("aria-invalid") === "true")) setText($("wrong"), hello.moment.trouble);
  showLeftOver(hello.interrupted);
  showRecording(hello);
  showSteps(hello.steps);
  showSettings();
  $("camera-field").hidden = hello.is_own_camera;
  $("safety").hidden = $("about").hidden = !plan;
  setText($("about"), plan ? plan.summary : "");
  if (plan) $("safety").querySelector("ul").replaceChildren(...plan.safety.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  if (!plan) choose("routine", hello.routines[0].id);
}

export const isChosen = () => Boolean(chosen);

function choose(kind, id) { chosen = { kind, id }; send("choose", chosen); }

function fillChoices(id, kind, rows) {
  const had = document.activeElement && document.activeElement.closest(`#${id}`) ? document.activeElement.dataset.id : null;
  const isOurs = chosen && chosen.kind === kind;
  $(id).replaceChildren(...rows.map(([name, title, more], i) => {
    const button = document.createElement("button");
    const isIt = Boolean(isOurs && chosen.id === name);
    button.setAttribute("role", "radio"); button.setAttribute("aria-checked", String(isIt));
    button.tabIndex = isIt || (!isOurs && i === 0) ? 0 : -1;  // one stop of the Tab key a group, arrows inside
    button.dataset.id = name;
    button.append(title);
    if (more) button.append(Object.assign(document.createElement("small"), { textContent: more }));
    button.onclick = () => choose(kind, name);
    return button;
  }));
  if (had) $(id).querySelector(`[data-id="${CSS.escape(had)}"]`)?.focus();
}

for (const id of ["routines", "exercises"]) $(id).addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...$(id).children], at = buttons.indexOf(document.activeElement);
  const next = buttons[(at + step + buttons.length) % buttons.length];
  next.focus();
  next.click();
});

function showLeftOver(left) {
  $("left-over").hidden = !left;
  $("hint").hidden = Boolean(left);  // what is left over is not decided by raised hands
  if (left) setText($("do-continue"), text(left.block ? "choose.continue" : "choose.continue_one", left));
}

// -- a video, only when it was asked for ----------------------------------------------------------

function showRecording(hello) {
  const isOn = hello.records && hello.moment.is_recording;
  $("recording").hidden = !hello.records;
  $("recording").dataset.on = String(isOn);
  setText($("recording-text"), text(isOn ? "record.notice" : "record.not_kept"));
  setText($("do-record"), text(isOn ? "record.stop" : "record.start"));
  $("do-record").onclick = () => send("record", !isOn);
  setText($("kept"), text(hello.records ? "choose.kept_video" : "choose.kept"));
}

// -- next steps, each with its reason, each to be refused ---------------------------------------------

const REFUSALS = { up: "steps.not_yet", back: "steps.usual", hurt: "steps.anyway" };

function showSteps(steps) {
  $("steps").hidden = !steps.length;
  $("steps").querySelector("ul").replaceChildren(...steps.map((step) => {
    const li = document.createElement("li"), words = document.createElement("p");
    words.append(Object.assign(document.createElement("b"), { textContent: `${step.title}:` }), ` ${step.is_refused ? text("steps.refused") : `${step.words}. ${step.reason}`}`);
    li.append(words);
    li.dataset.change = step.change;
    if (REFUSALS[step.change] && !step.is_refused) {
      const button = Object.assign(document.createElement("button"), { textContent: text(REFUSALS[step.change]), onclick: () => send("refuse", step.exercise) });
      button.setAttribute("aria-label", `${step.title}: ${button.textContent}`);
      li.append(button);
    }
    return li;
  }));
}

// -- height and ball: asked once, then kept ---------------------------------------------------------------

export function showSettings() {
  const { settings } = page.hello, isKnown = FIELDS.every(([, key]) => settings[key] !== null);
  const written = (key) => settings[key]?.toLocaleString(page.hello.language, { useGrouping: false }) ?? "";
  for (const [id, key] of FIELDS) if (document.activeElement !== $(id)) $(id).value = written(key);
  const isShort = isKnown && !isEditing;
  for (const [id] of FIELDS) $(`${id}-field`).hidden = isShort;
  $("known").hidden = !isShort;
  if (isShort) setText($("known-text"), text("choose.known", { height: written("height_cm"), ball: written("ball_cm") }));
}

$("do-edit").addEventListener("click", () => { isEditing = true; showSettings(); $("height").focus(); });

for (const [id, key] of FIELDS) $(id).addEventListener("change", () => {
  const input = $(id), value = input.value.trim() === "" ? null : Number(input.value.replace(",", "."));
  const isFine = value === null || (value >= Number(input.min) && value <= Number(input.max));
  input.setAttribute("aria-invalid", String(!isFine));
  setText($("wrong"), isFine ? "" : text("choose.out_of_range", { low: input.min, high: input.max }));
  if (isFine) send("settings", { [key]: value });
});
