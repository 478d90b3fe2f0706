// The browser's camera: opening it, telling why it cannot be had, and noticing when it has gone.
import { $, page, send, text, trouble } from "/static/page.js";

const SILENT_MS = 4000;  // without a picture for this long, somebody should look at the camera
const REFUSED = { NotAllowedError: "error.denied", SecurityError: "error.denied", NotFoundError: "error.none", OverconstrainedError: "error.none", NotReadableError: "error.busy", AbortError: "error.busy" };

let stream = null, cameraId = "", take = () => {}, seenAt = 0;

// `onPicture(takenMs)` is called for every picture of the video element.
export async function openCamera(onPicture = take) {
  take = onPicture;
  if (!navigator.mediaDevices) return trouble("error.insecure");
  closeCamera();
  navigator.mediaDevices.ondevicechange = () => { if (trouble.kind === "camera") openCamera(); };
  try {
    const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: cameraId ? { ...size, deviceId: { exact: cameraId } } : size });
  } catch (error) {
    const again = () => { cameraId = ""; trouble(null); openCamera(); };
    return trouble(REFUSED[error.name] || "error.other", "button.retry", again, "camera", { reason: error.name });
  }
  const [track] = stream.getVideoTracks();
  track.onended = () => gone("error.unplugged");
  if (trouble.kind === "camera") trouble(null);
  seenAt = performance.now();
  $("video").srcObject = stream;
  await $("video").play().catch(() => {});
  listCameras(track.getSettings().deviceId);
  watch(stream);
}

export function chooseCamera(id) { cameraId = id; openCamera(); }

export function closeCamera() {
  for (const track of stream ? stream.getTracks() : []) { track.onended = null; track.stop(); }
  stream = null;
}

function gone(key) {
  send("interrupt", "camera");
  trouble(key, "button.retry", () => { trouble(null); openCamera(); }, "camera");
}

async function listCameras(current) {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
  $("camera").replaceChildren(...cameras.map((camera, i) => new Option(camera.label || `${text("choose.camera")} ${i + 1}`, camera.deviceId, false, camera.deviceId === current)));
}

function watch(own) {
  const video = $("video");
  const again = () => { if (stream === own) "requestVideoFrameCallback" in video ? video.requestVideoFrameCallback(tick) : requestAnimationFrame(() => tick(performance.now(), {})); };
  const tick = (now, data) => {
    again();
    seenAt = performance.now();
    if (trouble.key === "error.lost") trouble(null);
    take(data.captureTime ?? now);
  };
  again();
}

setInterval(() => {
  if (document.hidden || !stream) seenAt = performance.now();
  else if (performance.now() - seenAt > SILENT_MS && trouble.key === null && page.shown.state !== "done") gone("error.lost");
}, 1000);
