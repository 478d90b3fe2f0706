// The browser's camera: opening it, telling why it cannot be had, and noticing when it has gone.
import { $, needsPictures, send, text, trouble } from "/static/page.js";

const SILENT_LOOKS = 5;  // without a picture for so many seconds in which the page was at work, somebody should look at the camera
const REFUSED = { NotAllowedError: "error.denied", SecurityError: "error.denied", NotFoundError: "error.none", OverconstrainedError: "error.none", NotReadableError: "error.busy", AbortError: "error.busy" };

let stream = null, nOpened = 0, cameraId = sessionStorage.getItem("camera") || "", take = () => {}, nSilent = 0;

// `onPicture(takenMs)` is called for every picture of the video element.
export async function openCamera(onPicture = take) {
  take = onPicture;
  if (!navigator.mediaDevices) return trouble("error.insecure");
  closeCamera();
  navigator.mediaDevices.ondevicechange = () => { if (trouble.kind === "camera") openCamera(); else if (stream) listCameras(); };
  const own = ++nOpened;  // whoever asks again meanwhile wins; the camera must not stay on for the one before
  try {
    const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
    const opened = await navigator.mediaDevices.getUserMedia({ audio: false, video: cameraId ? { ...size, deviceId: { exact: cameraId } } : size });
    if (own !== nOpened) return opened.getTracks().forEach((track) => track.stop());
    stream = opened;
  } catch (error) {
    if (own !== nOpened) return;
    const again = () => { remember(""); trouble(null); openCamera(); };
    return trouble(REFUSED[error.name] || "error.other", "button.retry", again, "camera", { reason: error.name });
  }
  const [track] = stream.getVideoTracks();
  track.onended = () => gone("error.unplugged");
  if (trouble.kind === "camera") trouble(null);
  nSilent = 0;
  $("video").srcObject = stream;
  await $("video").play().catch(() => {});
  if (own !== nOpened || !stream) return;  // another one was asked for meanwhile
  listCameras();
  watch(stream);
}

// The choice holds until the tab is closed, also when the page is loaded anew.
function remember(id) { cameraId = id; sessionStorage.setItem("camera", id); }

export function chooseCamera(id) { remember(id); openCamera(); }

export const hasCamera = () => stream !== null;

export function closeCamera() {
  for (const track of stream ? stream.getTracks() : []) { track.onended = null; track.stop(); }
  stream = null;
}

function gone(key) {
  if (!needsPictures()) return;  // it is told when something else is begun
  send("interrupt", "camera");
  trouble(key, "button.retry", () => { trouble(null); openCamera(); }, "camera");
}

async function listCameras() {
  const current = stream.getVideoTracks()[0].getSettings().deviceId;
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
  $("camera").replaceChildren(...cameras.map((camera, i) => new Option(camera.label || `${text("choose.camera")} ${i + 1}`, camera.deviceId, false, camera.deviceId === current)));
}

function watch(own) {
  const video = $("video");
  const again = () => { if (stream === own) "requestVideoFrameCallback" in video ? video.requestVideoFrameCallback(tick) : requestAnimationFrame(() => tick(performance.now(), {})); };
  const tick = (now, data) => {
    again();
    nSilent = 0;
    if (trouble.key === "error.lost") trouble(null);
    take(data.captureTime ?? now);
  };
  again();
}

// Seconds are counted one by one: a page that had no time for anything for a while has not missed its camera.
setInterval(() => {
  nSilent = document.hidden || !stream ? 0 : nSilent + 1;
  if (nSilent >= SILENT_LOOKS && trouble.key === null) gone("error.lost");
}, 1000);
