// Badges and shifts: the unprotected first, and who wears which badge.
import { $, h, ask, clock, t, trying } from "./console.js";
import { onChange } from "./stream.js";

const table = $("#badges"), mayHand = table.dataset.may === "hand", mayDrill = table.dataset.drill === "yes", problem = $("#problem");
let shown = "";

async function refresh() {
  await trying(problem, async () => {
    const [found, people] = await Promise.all([ask("/api/badges"), ask("/api/people")]);
    const text = JSON.stringify([found.items, people.people]);
    // A choice that somebody is making is not taken away.
    if (text === shown || table.contains(document.activeElement)) return;
    shown = text;
    show(found, people.people);
  });
}

function show(found, people) {
  const consent = $("#consent");
  consent.hidden = found.consent !== "";
  consent.textContent = t("The works council's consent is not noted: nobody is followed routinely.");
  const counts = new Map();
  for (const one of found.items) counts.set(one.protection, (counts.get(one.protection) ?? 0) + 1);
  $("#sum").replaceChildren(...[...counts].map(([word, count]) => h("p", {}, h("b", {}, String(count)), ` ${t(word)}`)));
  table.tBodies[0].replaceChildren(...found.items.map((one) => row(one, people)));
}

function row(one, people) {
  const shift = one.shift_until_ms === null ? "" : t("until {time}", { time: clock(one.shift_until_ms) });
  return h("tr", { "data-state": one.protection },
    h("td", { "data-label": t("State") }, h("span", { class: "state" }, t(one.protection)), one.why && h("small", {}, ` ${t(one.why)}`)),
    h("td", { "data-label": t("Wearer") }, one.wearer || t("nobody"), one.team && h("small", {}, ` ${one.team}`)),
    h("td", { "data-label": t("Badge") }, one.badge), h("td", { "data-label": t("Shift") }, shift),
    h("td", { "data-label": t("Battery") }, one.battery_percent === null ? t("not sent") : `${one.battery_percent} %`),
    h("td", { "data-label": t("Open alarms") }, one.open_incidents ? h("a", { href: "/queue" }, String(one.open_incidents)) : ""),
    h("td", {}, mayHand && !one.revoked && hand(one, people)));
}

function hand(one, people) {
  const whom = h("select", { "aria-label": t("Give badge {badge} to", { badge: one.badge }) }, h("option", { value: "" }, one.person_id === null ? t("Give to") : t("Hand on to")),
    people.filter((person) => person.wears && person.id !== one.person_id).map((person) => h("option", { value: person.id }, person.name)));
  const change = (path, body) => trying(problem, async () => { document.activeElement.blur(); await ask(`/api/badges/${path}`, "POST", body); await refresh(); }, refresh);
  whom.addEventListener("change", () => { if (whom.value) change("hand-out", { badge: one.badge, person_id: Number(whom.value), had_by: one.person_id }); });
  const back = h("button", { type: "button", onclick: () => change("give-back", { badge: one.badge }) }, t("Back"));
  const drill = mayDrill && h("button", { type: "button", class: "plain", onclick: () => trying(problem, async () => { await ask("/api/practice", "POST", { badge: one.badge }); await refresh(); }, refresh) }, t("Drill"));
  return h("form", {}, drill, whom, one.person_id !== null && back);
}

onChange(refresh);
setInterval(refresh, 30000);
refresh();
