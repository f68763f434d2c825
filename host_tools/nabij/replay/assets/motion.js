"use strict";
// Draws which way the badge was pulled, in its own frame: seen from the front and from the side.

// Mean acceleration of stretches of an eighth of a second, so that a blow does not hide the posture.
const MOTION = { every: 13, views: [["front", 0, 1, "x", "y"], ["side", 2, 1, "z", "y"]] };

function makeMotion(canvas, trace) {
  const data = decodeSamples(trace.acc);
  const means = [];
  for (let i = 0; i + MOTION.every <= data.count; i += MOTION.every) {
    const mean = data.axes.map((axis) => axis.subarray(i, i + MOTION.every).reduce((a, b) => a + b, 0) / MOTION.every);
    means.push({ t: trace.start_s + (i + MOTION.every / 2) / trace.rate_hz, mean });
  }
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const g = canvas.getContext("2d");
  const decided = trace.phases.length ? trace.phases[0][1] : Infinity;
  const until = trace.phases.length ? trace.phases[trace.phases.length - 1][2] : Infinity;

  function view(left, size, [title, right, up, rightName, upName]) {
    const middle = [left + size / 2, size / 2 + 18], scale = size / 2 / 1.3;
    const at = (mean) => [middle[0] + mean[right] * scale, middle[1] - mean[up] * scale];
    g.strokeStyle = css("line");
    // The card, to see which way is which: 54 mm by 86 mm from the front, thin from the side.
    const wide = (title === "front" ? 0.44 : 0.1) * scale, high = 0.7 * scale;
    g.strokeRect(middle[0] - wide, middle[1] - high, 2 * wide, 2 * high);
    g.beginPath(); g.arc(middle[0], middle[1], scale, 0, 2 * Math.PI); g.stroke();
    g.fillStyle = css("soft");
    g.textAlign = "center";
    const titles = [`${title}: ${rightName} to the right, ${upName} up, circle 1 g`, `${title}: ${rightName} right, ${upName} up`, title];
    g.fillText(fitting(g, titles, canvas.clientWidth / 2 - 6), middle[0], 12);
    g.lineWidth = 1.5;
    for (let i = 1; i < means.length; i++) {
      const t = means[i].t;
      g.strokeStyle = css(t < decided ? "soft" : t < until ? "wait" : "bad");
      g.beginPath(); g.moveTo(...at(means[i - 1].mean)); g.lineTo(...at(means[i].mean)); g.stroke();
    }
    g.lineWidth = 1;
    const dot = (one, colour, text, below) => {
      const [px, py] = at(one.mean);
      g.fillStyle = css(colour);
      g.beginPath(); g.arc(px, py, 4, 0, 2 * Math.PI); g.fill();
      g.fillText(text, px, py + below);
    };
    if (means.length) { dot(means[0], "soft", "start", -8); dot(means[means.length - 1], "mag", "end", 16); }
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = width * ratio; canvas.height = height * ratio;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    g.font = "11px system-ui, sans-serif";
    const size = Math.min(height - 20, width / 2 - 8);
    MOTION.views.forEach((one, i) => view(i * (width / 2) + (width / 2 - size) / 2, size, one));
  }
  draw();
  return draw;
}
