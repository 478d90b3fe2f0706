// What all parts of the page share: the last messages, the texts, and the way to the server.
export const page = { hello: null, shown: {}, texts: JSON.parse(document.body.dataset.texts || "{}"), plan: null, socket: null };

export const $ = (id) => document.getElementById(id);
export const text = (key, values = {}) => (page.texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
export const send = (command, value) => { if (page.socket && page.socket.readyState === WebSocket.OPEN) page.socket.send(JSON.stringify({ do: command, value })); };
export const needsPictures = () => !["saving", "done"].includes(page.shown.state);
export const setText = (element, value) => { value = String(value ?? ""); if (element.textContent !== value) element.textContent = value; };
export const label = (id, words) => setText($(id).querySelector("span"), words);
export const clock = (seconds) => `${Math.floor(Math.ceil(seconds) / 60)}:${String(Math.ceil(seconds) % 60).padStart(2, "0")}`;

// A sheet that says what went wrong and what to do, with one button; `kind` names what clears it again.
export function trouble(key, buttonKey = null, act = null, kind = null, values = {}) {
  trouble.kind = key ? kind : null;
  trouble.key = key;
  $("trouble").hidden = !key;
  setText($("trouble-text"), key ? text(key, values) : "");
  $("do-retry").hidden = !buttonKey;
  setText($("do-retry"), buttonKey ? text(buttonKey) : "");
  $("do-retry").onclick = act;
  shutOff();
}
trouble.kind = trouble.key = null;

// Only the sheet on top can be reached by the keyboard and by a screen reader; its first button waits for Enter.
const SHEETS = { trouble: "#do-retry", paused: "#paused .primary", done: "#done .row > :not([hidden])", choose: "#do-start", stage: null };
export function shutOff() {
  const top = Object.keys(SHEETS).find((id) => !$(id).hidden);
  for (const id of Object.keys(SHEETS)) $(id).inert = id !== top;
  const first = SHEETS[top] && document.querySelector(SHEETS[top]), active = document.activeElement;
  if (active && active !== document.body && $(top).contains(active)) return;
  if (first && first.offsetHeight) first.focus({ preventScroll: true }); else if (active) active.blur();
}
