// What every page shares: elements, requests, running ages, what is said aloud.

export const $ = (selector) => document.querySelector(selector);

/** An element with attributes and children; text only ever becomes text. */
export function h(tag, given = {}, ...kids) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...kids.flat().filter((kid) => kid !== null && kid !== undefined && kid !== false));
  return element;
}

const words = JSON.parse($('meta[name="words"]')?.content || "{}");
/** A text in the language of the page, each {name} of it replaced by what is given; what is not translated stays English. */
export const t = (text, given = {}) => filled(words[text] ?? text, given);
/** A text with what is given in place of each {name}. */
export const filled = (text, given) => text.replace(/\{(\w+)\}/g, (whole, name) => given[name] ?? whole);

export class Refused extends Error {}

/** What the API answers; Refused with its sentence when it does not. */
export async function ask(path, method = "GET", body = undefined) {
  const headers = { "X-Form-Token": $('meta[name="form-token"]').content };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  // It may be done although its answer is lost.
  const silent = method === "GET" ? t("The receiver does not answer.") : t("It is not known whether this was done: look again.");
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(10000) });
  } catch {
    throw new Refused(silent);
  }
  if (answer.status === 401) over();
  // A body that breaks off is no answer.
  const found = await answer.json().catch(() => null);
  if (!answer.ok || !found) throw new Refused(found?.error ? t(found.error) : answer.ok ? silent : t("The receiver answered {status}.", { status: answer.status }));
  return found;
}

/** The session is over: said in place, for a form that comes by itself is silent and takes what was typed. */
export function over() {
  if ($("#lost")) dispatchEvent(new Event("over"));
  else location.assign("/login");
}

/** Show what was refused at its place, until the next try. What changes something gives `again`, which shows what is so. */
export async function trying(place, work, again = null) {
  // What is merely fetched anew leaves the refusal of a change to be read.
  if (again || place.dataset.of !== "change") place.hidden = true;
  try {
    await work();
    if (again) delete place.dataset.of;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const tell = () => { place.textContent = error.message; place.hidden = false; };
    tell();
    if (!again) return;
    place.dataset.of = "change";
    await again();
    tell();
  }
}

// The machine of the receiver knows the time; this one may be minutes off.
let ahead = 0;
export const isNow = (ms) => { ahead = ms - Date.now(); };
export const now = () => Date.now() + ahead;
const two = (number) => String(number).padStart(2, "0");

/** 0:07, 14:59, 2:03:10: it only grows, so the longer text is the older thing. */
export function running(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
// Day before month and 24 hours, in either language: a time line is read by people of one desk.
const region = { en: "en-GB", nl: "nl-NL" }[document.documentElement.lang];
export const clock = (ms) => new Date(ms).toLocaleString(region, { dateStyle: "short", timeStyle: "medium" });

const ages = new Set();
function paint(element) {
  const { since, until } = element.dataset;
  const text = running(since ? now() - since : until - now());
  if (element.textContent !== text) element.textContent = text;
}
/** A running age; its time of day is the title. Not a live region: it would be read each second. */
export function age(ms, which = "since") {
  const element = h("time", { datetime: new Date(ms).toISOString(), title: clock(ms), [`data-${which}`]: ms });
  ages.add(element);
  paint(element);
  return element;
}
export const left = (ms) => age(ms, "until");
setInterval(() => { for (const one of ages) one.isConnected ? paint(one) : ages.delete(one); }, 1000);

/** Said once to a screen reader. */
export function say(sentence) {
  const place = $("#said");
  if (place) place.textContent = sentence;
}

/** Keys that act only where no text is typed. */
export function keys(table) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const act = table[event.key.toLowerCase()];
    if (act && act(event) !== false) event.preventDefault();
  });
}
for (const link of document.querySelectorAll(".top nav a")) {
  if (location.pathname.startsWith(link.getAttribute("href"))) link.setAttribute("aria-current", "page");
}
