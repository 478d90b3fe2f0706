// What all parts of the page share: the last messages, the texts, and the way to the server.
export const page = { hello: null, shown: {}, texts: {}, plan: null, socket: null };

export const $ = (id) => document.getElementById(id);
export const text = (key, values = {}) => (page.texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
export const send = (command, value) => { if (page.socket && page.socket.readyState === WebSocket.OPEN) page.socket.send(JSON.stringify({ do: command, value })); };
export const setText = (element, value) => { value = String(value ?? ""); if (element.textContent !== value) element.textContent = value; };
export const label = (id, words) => setText($(id).querySelector("span"), words);
export const clock = (seconds) => `${Math.floor(Math.ceil(seconds) / 60)}:${String(Math.ceil(seconds) % 60).padStart(2, "0")}`;

// A sheet that says what went wrong and what to do, with one button; `kind` names what clears it again.
export function trouble(key, buttonKey = null, act = null, kind = null, values = {}) {
  trouble.kind = key ? kind : null;
  trouble.key = key;
  $("trouble").hidden = !key;
  shutOff();
  if (!key) return;
  setText($("trouble-text"), text(key, values));
  const button = $("do-retry");
  button.hidden = !buttonKey;
  if (buttonKey) { setText(button, text(buttonKey)); button.onclick = act; button.focus(); }
}
trouble.kind = trouble.key = null;

// Only the sheet on top can be reached by the keyboard and by a screen reader.
const SHEETS = ["trouble", "paused", "done", "choose", "stage"];
export function shutOff() {
  const top = SHEETS.find((id) => !$(id).hidden);
  for (const id of SHEETS) $(id).inert = id !== top;
}
