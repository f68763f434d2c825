// The queue: what needs a person first. A row stays the same element, so an event takes no focus and no scroll away.
import { $, h, ask, age, left, keys, t, trying } from "./console.js";
import { AGAIN, look, onQueue } from "./watchful.js";

const list = $("#queue"), mayHandle = list.dataset.may === "handle", name = list.dataset.name;
const HOLD_MS = 1000;
const rows = new Map();
let moved = 0;

function show({ items }) {
  const ids = new Set(items.map((one) => one.id));
  for (const [id, row] of rows) if (!ids.has(id)) { row.element.remove(); rows.delete(id); }
  for (const item of items) {
    if (!rows.has(item.id)) rows.set(item.id, makeRow(item));
    fill(rows.get(item.id), item);
  }
  order(items);
  $("#empty").hidden = items.length > 0;
}

function makeRow(item) {
  const parts = {
    mark: h("span", { class: "mark-p", "aria-hidden": "true" }), who: h("a", { class: "who", href: `/incidents/${item.id}` }),
    where: h("div", { class: "where" }), what: h("div"), facts: h("div", { class: "facts" }),
    since: h("div", { class: "since" }), owner: h("div", { class: "owner" }), wrong: h("p", { class: "error wrong", role: "alert", hidden: true }),
  };
  const act = (path, body) => trying(parts.wrong, async () => { await ask(`/api/incidents/${item.id}/${path}`, "POST", body); await look(); }, look);
  parts.take = h("button", { type: "button", class: "primary", onclick: async () => { await act("claim", {}); parts.open.focus(); } }, t("Take"));
  parts.inform = h("button", { type: "button", onclick: () => act("inform", {}) }, t("I know of it"));
  parts.open = h("a", { class: "btn", href: `/incidents/${item.id}` }, t("Open"));
  const element = h("li", { class: "row", "data-id": item.id },
    parts.mark, h("div", {}, parts.who, parts.where, parts.what, parts.facts), h("div", { class: "when" }, parts.since, parts.owner),
    h("div", { class: "actions" }, mayHandle && parts.take, mayHandle && parts.inform, parts.open), parts.wrong);
  return { element, parts, shown: "" };
}

function fill(row, item) {
  const text = JSON.stringify(item);
  if (text === row.shown) return;
  row.shown = text;
  row.item = item;
  const { element, parts } = row, isMine = item.owner === name;
  element.dataset.p = item.priority;
  element.dataset.needs = item.needs && !item.drill ? "yes" : "no";
  element.dataset.drill = item.drill ? "yes" : "no";
  element.dataset.mine = isMine ? "yes" : "no";
  parts.mark.dataset.p = item.priority;
  parts.mark.textContent = item.priority;
  parts.who.textContent = item.wearer || t("Badge {badge}", { badge: item.badge });
  parts.where.textContent = [item.site, item.address, item.team].filter(Boolean).join(", ") || t("Place not known: no site is set, and none was sent");
  parts.what.replaceChildren(h("span", { class: "what" }, t(item.words)),
    ...(item.drill ? [" ", h("span", { class: "tag drill" }, t("DRILL"))] : []),
    ...(item.again ? [" ", h("span", { class: "tag" }, AGAIN[item.again] ?? item.again)] : []),
    ...(item.duress ? [" ", h("span", { class: "tag" }, t("do not ring"))] : []),
    ...(item.false_alarm && !item.duress ? [" ", t("the wearer says it is a false alarm")] : []));
  const battery = item.battery_percent;
  parts.facts.replaceChildren(
    h("span", {}, t("Badge {badge}", { badge: item.badge })),
    h("span", { class: battery !== null && battery <= 15 ? "low" : "" }, battery === null ? t("battery not sent") : t("battery {percent} %", { percent: battery })),
    h("span", {}, item.heard_ms === null ? t("never heard") : [t("last heard "), age(item.heard_ms)]),
    h("span", {}, item.drill ? t("begun at the centre") : item.path === "LTE" ? t("came by LTE") : t("found by the receiver")),
    h("span", {}, item.on_shift ? t("on shift") : t("not on shift")),
    ...(item.informed.length ? [h("span", {}, t("known to {names}", { names: item.informed.join(", ") }))] : []));
  parts.since.replaceChildren(...(item.age_at_least ? [t("at least ")] : []), age(item.raised_ms));
  parts.owner.replaceChildren(...(item.owner ? [isMine ? t("Yours") : item.owner, t(", back in the queue in "), left(item.owned_until_ms)] : [t("nobody has it")]));
  const words = isMine ? t("Keep it longer") : item.owner ? t("Taken") : t("Take");
  if (parts.take.textContent !== words) parts.take.textContent = words;
  parts.take.disabled = Boolean(item.owner) && !isMine;
}

/** Never under a pointer, and never the row that has the focus. */
function order(items) {
  const wanted = groupHeads(items);
  const present = [...list.children];
  if (wanted.length === present.length && wanted.every((one, place) => one === present[place])) return;
  if (Date.now() - moved < HOLD_MS && present.length) { setTimeout(look, HOLD_MS); if (!items.some((one) => !list.contains(rows.get(one.id).element))) return; }
  for (const one of present) if (one.classList.contains("group")) one.remove();
  const fixed = document.activeElement?.closest("#queue > li");
  const place = wanted.indexOf(fixed);
  if (place < 0) { list.replaceChildren(...wanted); return; }
  for (const one of wanted.slice(0, place)) list.insertBefore(one, fixed);
  list.append(...wanted.slice(place + 1));
}

function groupHeads(items) {
  const counts = new Map(), seen = new Set(), wanted = [];
  for (const item of items) if (item.group) counts.set(item.group, (counts.get(item.group) ?? 0) + 1);
  for (const item of items) {
    if (item.group && !seen.has(item.group)) {
      seen.add(item.group);
      wanted.push(h("li", { class: "group" }, t("{count} badges of {site} went quiet together: perhaps one fault of a network. Each can be taken.", { count: counts.get(item.group), site: item.site })));
    }
    wanted.push(rows.get(item.id).element);
  }
  return wanted;
}

function at(step) {
  const every = [...list.querySelectorAll(".row")];
  const here = every.findIndex((one) => one.classList.contains("at"));
  const next = every[Math.min(every.length - 1, Math.max(0, here + step))];
  if (!next) return;
  for (const one of every) one.classList.toggle("at", one === next);
  rows.get(Number(next.dataset.id)).parts.who.focus();
}
const chosen = () => rows.get(Number((list.querySelector(".row.at") ?? list.querySelector(".row"))?.dataset.id));

keys({
  j: () => at(1), arrowdown: () => at(1), k: () => at(-1), arrowup: () => at(-1),
  t: () => { const row = chosen(); if (row && mayHandle && !row.parts.take.disabled) row.parts.take.click(); },
  enter: (event) => { if (event.target.closest("a, button")) return false; const row = chosen(); if (row) location.assign(row.parts.open.href); },
});
list.addEventListener("pointermove", () => { moved = Date.now(); });
addEventListener("line", (event) => {
  for (const { parts } of rows.values()) { if (event.detail.lost) { parts.take.disabled = true; parts.take.textContent = t("No connection"); } }
  if (!event.detail.lost) for (const row of rows.values()) row.shown = "";
});
onQueue(show);
