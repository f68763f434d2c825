// The open incidents, watched on every page: strip, count, sound and voice until somebody has each.
import { $, Refused, h, ask, clock, isNow, keys, say, t } from "./console.js";
import { onChange, isLost } from "./stream.js";
import { sounds, toggle } from "./sound.js";

const EVERY_MS = 30000, AGAIN_MS = 2000, OLD_MS = 12000;
/** Why an incident came back. */
export const AGAIN = {
  reopened: t("open again"), worse: t("worse than before"), duress: t("now under duress"), "due again": t("due again"), "quiet again": t("quiet again"),
};
const title = document.title, viewers = new Set();
let found = null, known = null, busy = false, again = false, timer = 0, good = 0;

/** Call `show` with the queue, each time that it is fetched. */
export function onQueue(show) {
  viewers.add(show);
  if (found) show(found);
}

/** Fetch the queue now. */
export async function look() {
  if (busy) { again = true; return; }
  // Once the line is back it is looked again.
  if (isLost()) return;
  busy = true;
  let wait = AGAIN_MS;
  try {
    do {
      again = false;
      take(await ask("/api/queue"));
    } while (again);
    wait = EVERY_MS;
  } catch (error) {
    if (Date.now() - good > OLD_MS) isOld();
    if (!(error instanceof Refused)) throw error;
  } finally {
    busy = false;
    clearTimeout(timer);
    timer = setTimeout(look, wait);
  }
}

function take(fetched) {
  isNow(fetched.now_ms);
  found = fetched;
  tell(found.items);
  for (const show of viewers) show(found);
  // Only what was shown too is good.
  good = Date.now();
  $("#asof").hidden = true;
}

/** What is not known to be so is loud: an alarm may be among what did not come. */
function isOld() {
  const place = $("#asof");
  place.hidden = false;
  place.textContent = found ? t("As of {time}: what is open now is not known.", { time: clock(found.now_ms) }) : t("What is open is not known.");
  sounds(true);
}

function tell(items) {
  // A drill makes no sound, and is counted apart: nobody is in need.
  const waiting = items.filter((one) => one.needs && !one.drill), drills = items.filter((one) => one.needs && one.drill);
  sounds(waiting.length > 0 || isLost());
  const strip = $("#strip"), count = $("#count");
  const words = waiting.length === 1 ? t("1 alarm has nobody") : t("{count} alarms have nobody", { count: waiting.length });
  strip.hidden = waiting.length === 0;
  if (strip.textContent !== words) strip.replaceChildren(h("a", { href: "/queue" }, words));
  const drill = $("#drills");
  drill.hidden = drills.length === 0;
  drill.textContent = t("DRILL: {count} to take. Nobody is in need.", { count: drills.length });
  count.hidden = waiting.length === 0;
  count.textContent = waiting.length;
  document.title = waiting.length ? `(${waiting.length}) ${title}` : title;
  if (known !== null) for (const one of waiting) {
    const before = known.get(one.id);
    if (before === undefined || (one.again && before.again !== one.again)) say(`${t(one.words)}, ${one.wearer || one.badge}${one.again ? `, ${AGAIN[one.again] ?? one.again}` : ""}`);
  }
  known = new Map(items.map((one) => [one.id, one]));
}

addEventListener("line", (event) => { if (event.detail.lost) isOld(); });
keys({ m: toggle });
onChange(look);
look();
