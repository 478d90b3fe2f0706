// What was seen, drawn over the picture: the person's limbs, the reference as a ghost, the ball, the back. Pixels of the frame.

const GOOD = "#0072B2", ATTENTION = "#E69F00", BALL = "#56B4E9", GHOST = "#F0E442", INK = "#111827", PAPER = "#FFFFFF", MUTED = "#9CA3AF", BACK = "#CC79A7";
const HIDDEN = 0, UNCERTAIN = 1;

export function draw(canvas, shown, segments) {
  const seen = shown.seen;
  if (!seen) return;
  const [width, height] = seen.size;
  const scale = Math.max(1, Math.min(3, canvas.clientHeight * devicePixelRatio / height || 1));
  if (canvas.width !== Math.round(width * scale)) { canvas.width = Math.round(width * scale); canvas.height = Math.round(height * scale); }
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.lineCap = pen.lineJoin = "round";
  const unit = Math.min(height, 1.1 * width);
  const moment = shown.moment;
  if (seen.ball) drawBall(pen, seen.ball, unit);
  if (moment && moment.ghost) drawGhost(pen, moment.ghost, segments, unit);
  if (seen.landmarks) drawLimbs(pen, seen.landmarks, moment, segments, unit);
  if (moment && moment.back) drawBack(pen, moment.back, unit);
}

function drawBack(pen, { line, neutral }, unit) {
  const paths = [[line, BACK, 0.0065]];
  for (const dash of neutral || []) paths.unshift([dash, PAPER, 0.004]);
  for (const [points, colour, width] of paths) {
    pen.beginPath(); pen.moveTo(...points[0]); for (const point of points.slice(1)) pen.lineTo(...point);
    pen.strokeStyle = INK; pen.lineWidth = width * unit + 2; pen.stroke();
    pen.strokeStyle = colour; pen.lineWidth = width * unit; pen.stroke();
  }
}

function drawBall(pen, [x, y, w, h], unit) {
  for (const [colour, line] of [[INK, 0.012], [BALL, 0.006]]) {
    pen.beginPath(); pen.ellipse(x, y, w / 2, h / 2, 0, 0, 2 * Math.PI);
    pen.strokeStyle = colour; pen.lineWidth = line * unit; pen.stroke();
  }
}

function drawGhost(pen, points, segments, unit) {
  pen.save();
  pen.globalAlpha = 0.55; pen.strokeStyle = GHOST; pen.lineWidth = 0.008 * unit; pen.setLineDash([0.02 * unit, 0.02 * unit]);
  for (const bones of Object.values(segments)) for (const bone of bones) trace(pen, points, bone);
  pen.restore();
}

function drawLimbs(pen, points, moment, segments, unit) {
  const limbs = moment ? moment.limbs : null;
  for (const [name, bones] of Object.entries(segments)) {
    const atFault = moment && moment.faults.includes(name);
    const judged = moment && moment.judged.includes(name) && !moment.not_judged && name !== "head";  // the face stays free
    const halo = name.startsWith("right") ? 0.006 : 0.002;
    for (const bone of bones) {
      const state = limbs ? Math.min(limbs[bone[0]], limbs[bone[1]]) : 2;
      if (state === HIDDEN) continue;
      const width = unit * (judged || atFault ? 0.010 : 0.005);
      pen.setLineDash(state === UNCERTAIN || atFault ? [0.022 * unit, 0.022 * unit] : []);
      const outline = judged && !atFault ? PAPER : INK;
      stroke(pen, points, bone, outline, width + 2 * halo * unit + 1);
      stroke(pen, points, bone, atFault ? ATTENTION : judged ? GOOD : moment && moment.not_judged ? MUTED : PAPER, width);
    }
    if (atFault && bones.length) drawBang(pen, points, bones[0], unit);
  }
  pen.setLineDash([]);
}

function drawBang(pen, points, [a, b], unit) {
  if (!points[a] || !points[b]) return;
  const x = (points[a][0] + points[b][0]) / 2, y = (points[a][1] + points[b][1]) / 2, size = 0.035 * unit;
  pen.setLineDash([]);
  pen.fillStyle = ATTENTION; pen.strokeStyle = INK; pen.lineWidth = 0.004 * unit;
  pen.beginPath(); pen.arc(x, y, size, 0, 2 * Math.PI); pen.fill(); pen.stroke();
  pen.lineWidth = 0.012 * unit;
  pen.beginPath(); pen.moveTo(x, y - 0.55 * size); pen.lineTo(x, y + 0.12 * size); pen.moveTo(x, y + 0.5 * size); pen.lineTo(x, y + 0.52 * size); pen.stroke();
}

function stroke(pen, points, bone, colour, width) { pen.strokeStyle = colour; pen.lineWidth = width; trace(pen, points, bone); }

function trace(pen, points, [a, b]) {
  if (!points[a] || !points[b]) return;
  pen.beginPath(); pen.moveTo(...points[a]); pen.lineTo(...points[b]); pen.stroke();
}

// From above: where the camera stands (below) and how the person sits or lies.
export function placing(view) {
  const lying = view === "foot_end" || view === "head_end";
  const turn = { front: 0, side: 90, back: 180, oblique: 45 }[view] ?? 0;
  const person = lying
    ? `<g transform="rotate(${view === "head_end" ? 180 : 0} 50 32)"><circle cx="50" cy="8" r="7" fill="#fff"/><rect x="41" y="16" width="18" height="26" rx="8" fill="#fff"/><path d="M46 42v18M54 42v18" stroke="#fff" stroke-width="6" stroke-linecap="round"/></g>`
    : `<g transform="rotate(${turn} 50 30)"><circle cx="50" cy="30" r="20" fill="${BALL}"/><rect x="32" y="22" width="36" height="15" rx="7.5" fill="#fff"/><circle cx="50" cy="29" r="8" fill="#fff" stroke="${INK}" stroke-width="2"/><path d="M50 50l-5-7h10z" fill="#fff"/></g>`;
  return `<svg viewBox="0 0 100 100" role="img"><path d="M50 82 22 62M50 82l28-20" stroke="#C7CFDA" stroke-width="2.5" stroke-dasharray="4 5" stroke-linecap="round"/>${person}<rect x="38" y="80" width="24" height="16" rx="4" fill="#C7CFDA"/><circle cx="50" cy="82" r="6" fill="${INK}" stroke="#C7CFDA" stroke-width="3"/></svg>`;
}
