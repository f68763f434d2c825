"use strict";
// Draws one recording: four panels on one canvas over a common time axis, with zoom and read-out.
// Copyright 2026 the Nabij authors. Apache-2.0. No other library is used.

const PLOT = {
  left: 52, right: 10, strip: 46, gap: 22, bottom: 20, heights: [0.34, 0.24, 0.24, 0.18],
  // Of each the longest that fits is drawn.
  titles: [["magnitude, g"], ["axes, g"], ["posture change against before the impact, degrees", "posture change, degrees"], ["movement, mg a step"]],
  legend: ["- - larger than this is an impact    \u25bc impact taken", "- - impact above this    \u25bc taken", "- - and \u25bc: impact"],
  phases: {
    wait: ["impact seen: waiting to judge", "impact: wait", "wait"],
    confirm: ["pre-alarm: is the wearer still down?", "pre-alarm: still down?", "pre-alarm"],
  },
  marks: { fall: "fall", rejected: "no fall", confirmed: "still down: alarm", recovered: "up again" },
};

function fitting(g, texts, room) {
  return texts.find((text) => g.measureText(text).width <= room) || "";
}

function decodeSamples(text) {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const count = bytes.length / 6;
  const axes = [0, 1, 2].map(() => new Float32Array(count));
  for (let i = 0; i < count; i++)
    for (let axis = 0; axis < 3; axis++) axes[axis][i] = view.getInt16(6 * i + 2 * axis, true) / 1000;
  const size = axes[0].map((x, i) => Math.hypot(x, axes[1][i], axes[2][i]));
  return { axes, size, count };
}

function makePlot(canvas, readout, trace) {
  const data = decodeSamples(trace.acc);
  const first = trace.start_s, last = trace.start_s + data.count / trace.rate_hz;
  let from = first, to = last, hover = null, drag = null, width = 0, height = 0;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const g = canvas.getContext("2d");
  const x = (t) => PLOT.left + ((t - from) / (to - from)) * (width - PLOT.left - PLOT.right);
  const timeAt = (px) => from + ((px - PLOT.left) / (width - PLOT.left - PLOT.right)) * (to - from);

  function boxes() {
    const room = height - PLOT.strip - PLOT.bottom - PLOT.gap * PLOT.heights.length;
    let top = PLOT.strip;
    return PLOT.heights.map((share) => {
      const box = { top: top + PLOT.gap - 6, height: room * share };
      top = box.top + box.height + 6;
      return box;
    });
  }

  function line(box, low, high, values, timeOf, colour, step) {
    const y = (v) => box.top + box.height - ((Math.min(high, Math.max(low, v)) - low) / (high - low)) * box.height;
    g.strokeStyle = colour;
    g.beginPath();
    let open = false;
    for (let i = 0; i < values.length; i++) {
      const t = timeOf(i);
      if (t < from - 1 || t > to + 1) continue;
      if (values[i] === null) { open = false; continue; }
      const px = x(t), py = y(values[i]);
      if (!open) g.moveTo(px, py);
      else { if (step) g.lineTo(px, y(values[i - 1])); g.lineTo(px, py); }
      open = true;
    }
    g.stroke();
  }

  function frame(box, index, low, high, unit) {
    g.strokeStyle = css("line");
    g.strokeRect(PLOT.left, box.top, width - PLOT.left - PLOT.right, box.height);
    g.fillStyle = css("soft");
    g.textAlign = "left";
    g.fillText(fitting(g, PLOT.titles[index], width - PLOT.left - PLOT.right), PLOT.left, box.top - 4);
    g.textAlign = "right";
    for (const share of [0, 0.5, 1])
      g.fillText((low + (high - low) * share).toFixed(unit), PLOT.left - 5, box.top + box.height * (1 - share) + 4);
  }

  function backdrop(bottom) {
    for (const [name, start, end] of trace.phases) {
      g.fillStyle = css(name);
      g.globalAlpha = 0.16;
      g.fillRect(x(start), PLOT.strip, x(end) - x(start), bottom - PLOT.strip);
      g.globalAlpha = 1;
      g.fillRect(x(start), 24, Math.max(1, x(end) - x(start)), 18);
      label(PLOT.phases[name], x(start), x(end), 37);
    }
    if (last > trace.end_s) {
      g.fillStyle = css("soft");
      g.globalAlpha = 0.13;
      g.fillRect(x(trace.end_s), 24, x(last) - x(trace.end_s), bottom - 24);
      g.globalAlpha = 1;
      g.textAlign = "left";
      g.save();
      g.translate(x(trace.end_s) + 13, bottom - 6);
      g.rotate(-Math.PI / 2);
      g.fillText("recording ended: its last second goes on, back and forth", 0, 0);
      g.restore();
    }
  }

  function label(texts, start, end, py) {
    const low = Math.max(PLOT.left, start), high = Math.min(width - PLOT.right, end);
    g.fillStyle = "#111";
    g.textAlign = "center";
    g.fillText(fitting(g, texts, high - low - 6), (low + high) / 2, py);
  }

  function marks(bottom) {
    let free = -1e9;
    for (const one of trace.decisions) {
      const px = x(one.at_s);
      const points = one.points === null ? "" : ` ${one.points > 0 ? "+" : ""}${one.points}`;
      const text = PLOT.marks[one.kind] + points;
      if (px < PLOT.left - 1 || px > width - PLOT.right + 1) continue;
      const colour = css(one.kind === "rejected" || one.kind === "recovered" ? "soft" : "bad");
      g.strokeStyle = g.fillStyle = colour;
      g.lineWidth = 1.5;
      g.beginPath(); g.moveTo(px, 20); g.lineTo(px, bottom); g.stroke();
      g.lineWidth = 1;
      const half = g.measureText(text).width / 2;
      const at = Math.min(width - half, Math.max(half, px));
      if (at - half > free) {
        g.textAlign = "center";
        g.fillText(text, at, 14);
        free = at + half + 6;
      }
    }
  }

  function impacts(box, high) {
    g.fillStyle = css("bad");
    for (const t of trace.impacts_s) {
      const px = x(t - trace.block_s / 2);
      if (px < PLOT.left) continue;
      g.beginPath(); g.moveTo(px, box.top + 9); g.lineTo(px - 5, box.top); g.lineTo(px + 5, box.top); g.fill();
    }
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    width = canvas.clientWidth; height = canvas.clientHeight;
    canvas.width = width * ratio; canvas.height = height * ratio;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    g.font = "12px system-ui, sans-serif";
    g.lineJoin = "round";
    const [top, axes, tilt, steps] = boxes();
    const bottom = steps.top + steps.height;
    g.save();
    g.beginPath(); g.rect(PLOT.left, 0, width - PLOT.left - PLOT.right, height); g.clip();
    backdrop(bottom);
    g.restore();
    const sampleTime = (i) => first + i / trace.rate_hz;
    const blockTime = (i) => first + (i + 1) * trace.block_s;
    const floor = trace.floor_mg.map((mg) => (mg === null ? null : mg / 1000));
    const high = 1.1 * Math.max(2, data.size.reduce((a, b) => Math.max(a, b), 0), ...floor.filter((v) => v !== null));
    const wide = 1.05 * Math.max(1.5, ...data.axes.map((axis) => axis.reduce((a, b) => Math.max(a, Math.abs(b)), 0)));
    const most = 500;
    frame(top, 0, 0, high, 1);
    frame(axes, 1, -wide, wide, 1);
    frame(tilt, 2, 0, 180, 0);
    frame(steps, 3, 0, most, 0);
    g.save();
    g.beginPath(); g.rect(PLOT.left, 0, width - PLOT.left - PLOT.right, height); g.clip();
    line(top, 0, high, data.size, sampleTime, css("mag"), false);
    g.setLineDash([5, 4]);
    line(top, 0, high, floor, blockTime, css("limit"), true);
    g.setLineDash([]);
    impacts(top, high);
    ["x", "y", "z"].forEach((name, axis) => line(axes, -wide, wide, data.axes[axis], sampleTime, css(name), false));
    line(tilt, 0, 180, trace.tilt_deg, blockTime, css("mag"), false);
    line(steps, 0, most, trace.step_mg, blockTime, css("mag"), true);
    g.restore();
    g.font = "12px system-ui, sans-serif";
    marks(bottom);
    ["x", "y", "z"].forEach((name, axis) => { g.fillStyle = css(name); g.textAlign = "left"; g.fillText(name, PLOT.left + 60 + 14 * axis, axes.top - 4); });
    g.fillStyle = css("limit"); g.textAlign = "left";
    g.fillText(fitting(g, PLOT.legend, width - PLOT.left - 90), PLOT.left + 90, top.top - 4);
    timeAxis(bottom);
    if (hover !== null) {
      g.strokeStyle = css("soft");
      g.beginPath(); g.moveTo(x(hover), PLOT.strip); g.lineTo(x(hover), bottom); g.stroke();
    }
    tell();
  }

  function timeAxis(bottom) {
    // No closer than a number and its unit need.
    const wanted = (to - from) / Math.min(10, (width - PLOT.left - PLOT.right) / 45);
    const step = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10].find((one) => one >= wanted) || 20;
    g.fillStyle = css("soft"); g.textAlign = "center";
    for (let t = Math.ceil(from / step) * step; t <= to + 1e-9; t += step) {
      const text = `${t.toFixed(step < 1 ? 2 : 0)} s`;
      g.fillText(text, Math.min(x(t), width - g.measureText(text).width / 2), bottom + 15);
    }
  }

  function tell() {
    if (hover === null) {
      readout.textContent = "Wheel: zoom. Drag: move. Double click: all.";
      return;
    }
    const i = Math.min(data.count - 1, Math.max(0, Math.round((hover - first) * trace.rate_hz)));
    const k = Math.min(trace.tilt_deg.length - 1, Math.max(0, Math.floor((hover - first) / trace.block_s)));
    const [a, b, c] = data.axes.map((axis) => axis[i].toFixed(2).padStart(6));
    readout.textContent = `${hover.toFixed(2)} s   |a| ${data.size[i].toFixed(2)} g   x ${a}  y ${b}  z ${c} g   posture ${trace.tilt_deg[k]}\u00b0   movement ${trace.step_mg[k]} mg a step`;
  }

  function view(newFrom, newTo) {
    const span = Math.min(last - first, Math.max(0.25, newTo - newFrom));
    from = Math.max(first, Math.min(last - span, newFrom));
    to = from + span;
    draw();
  }

  canvas.onwheel = (event) => {
    event.preventDefault();
    const at = timeAt(event.offsetX), by = event.deltaY > 0 ? 1.25 : 0.8;
    view(at - (at - from) * by, at + (to - at) * by);
  };
  canvas.onpointerdown = (event) => { drag = { px: event.offsetX, from, to }; canvas.setPointerCapture(event.pointerId); };
  canvas.onpointerup = () => { drag = null; };
  canvas.onpointermove = (event) => {
    hover = Math.min(last, Math.max(first, timeAt(event.offsetX)));
    if (drag) {
      const shift = ((drag.px - event.offsetX) / (width - PLOT.left - PLOT.right)) * (drag.to - drag.from);
      view(drag.from + shift, drag.to + shift);
    } else draw();
  };
  canvas.onpointerleave = () => { hover = null; draw(); };
  canvas.ondblclick = () => view(first, last);
  draw();
  return draw;
}
