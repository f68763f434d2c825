// The stream of the receiver, and that it is lost: said by the page itself, for a dead line says nothing.
import { $, h, ask, over, say, t } from "./console.js";

const LOST_MS = 12000, AGAIN_MS = 2000, HEALTH_MS = 10000;
let heard = Date.now(), last = "", lost = false, isOver = false;
const hearers = new Set();

/** Call `hear` whenever something changed, and `over` when the line is lost or found. */
export function onChange(hear) { hearers.add(hear); }
export const isLost = () => lost;

function lineIs(isDown) {
  if (isDown === lost || isOver) return;
  lost = isDown;
  document.documentElement.classList.toggle("is-lost", lost);
  const bar = $("#lost");
  bar.hidden = !lost;
  bar.replaceChildren(...(lost ? [h("p", {}, t("CONNECTION LOST. This page shows what was, not what is: telephone the centre, or look at another screen."))] : []));
  if (!lost) { say(t("The connection is back.")); for (const hear of hearers) hear(); }
  dispatchEvent(new CustomEvent("line", { detail: { lost } }));
}

addEventListener("over", () => {
  if (isOver) return;
  lineIs(true);
  isOver = true;
  $("#lost").replaceChildren(h("p", {}, t("LOGGED OUT. This page hears of no alarm any more. What you typed stands here still: "),
    h("a", { href: "/login", target: "_blank" }, t("log in in another window")), t(", then load this one anew.")));
});

async function read(signal) {
  const answer = await fetch("/api/stream", { headers: last ? { "Last-Event-ID": last } : {}, signal, cache: "no-store" });
  if (answer.status === 401) over();
  if (!answer.ok) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    heard = Date.now();
    lineIs(false);
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) take(part);
  }
}

function take(part) {
  const fields = Object.fromEntries(part.split("\n").filter((line) => !line.startsWith(":")).map((line) => line.split(/: ?(.*)/s, 2)));
  if (fields.id) last = fields.id;
  if (fields.event === "over") over();
  if (fields.event === "changed") for (const hear of hearers) hear();
}

async function listen() {
  while (!isOver) {
    const stop = new AbortController(), began = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - heard > LOST_MS) lineIs(true);
      // Each try has its whole time, however long ago the last word came.
      if (isOver || Date.now() - Math.max(heard, began) > LOST_MS) stop.abort();
    }, 500);
    try { await read(stop.signal); } catch { /* It is tried again, and the watch says when it is lost. */ }
    clearInterval(watch);
    await new Promise((go) => setTimeout(go, AGAIN_MS));
    if (Date.now() - heard > LOST_MS) lineIs(true);
  }
}

async function health() {
  const chip = $("#health");
  try {
    const found = await ask("/api/health");
    chip.dataset.level = found.level;
    const arrive = t("Alarms arrive");
    chip.textContent = found.arrives ? `${arrive}${found.troubles.length ? `; ${found.troubles[0]}` : ""}` : found.sentence;
  } catch {
    chip.dataset.level = "critical";
    chip.textContent = t("Receiver: unknown");
  }
}

if ($("#lost")) {
  listen();
  health();
  setInterval(health, HEALTH_MS);
}
