// People: who they are, whom to call about them, what to do.
import { $, h, ask, t, trying } from "./console.js";

const form = $("#person"), problem = $("#problem");
let teams = [];

async function refresh() {
  await trying(problem, async () => {
    const found = await ask("/api/people");
    teams = found.teams;
    $("#people").replaceChildren(...found.people.map(line));
    if (!found.people.length) $("#people").replaceChildren(h("li", {}, t("Nobody yet.")));
    form?.team_id.replaceChildren(h("option", { value: "" }, t("No team")), ...teams.map((one) => h("option", { value: one.id }, one.name)));
  });
}

function line(one) {
  return h("li", {}, h("b", {}, one.name), h("span", {}, one.team), h("span", {}, one.phone),
    one.calls.key && h("small", {}, t("called as {key} by {channels}", { key: one.calls.key, channels: one.calls.channels.map((way) => way.name).join(", ") })),
    h("small", {}, one.contacts.map((call) => `${call.name}: ${call.reach}`).join("; ")),
    form && h("span", { class: "deeds" }, h("button", { type: "button", onclick: () => edit(one) }, t("Change")),
      h("button", { type: "button", class: "plain", onclick: () => trying(problem, async () => { await ask(`/api/people/${one.id}/leave`, "POST", {}); await refresh(); }, refresh) }, t("Has left"))));
}

function edit(one) {
  $("#which").textContent = t("Change {name}", { name: one.name });
  for (const name of ["id", "name", "language", "phone", "note", "action_plan"]) form[name].value = one[name];
  form.team_id.value = one.team_id ?? "";
  form.wears.checked = one.wears;
  form.contacts.value = one.contacts.map((call) => `${call.name}, ${call.reach}`).join("\n");
  for (const name of ["key", "zone", "quiet"]) form[name].value = one.calls[name];
  form.channels.value = one.calls.channels.map((way) => `${way.name} ${way.url}`).join("\n");
  form.away.value = one.calls.away.map((days) => `${days.first} ${days.last} ${days.stand_in}`.trim()).join("\n");
  form.elements.name.focus();
}

/** Each line that is not empty, as its words. */
const wordsOf = (text) => text.split("\n").map((line) => line.trim().split(/\s+/)).filter(([first]) => first);

function calls() {
  return {
    key: form.key.value.trim(), zone: form.zone.value.trim(), quiet: form.quiet.value.trim(),
    channels: wordsOf(form.channels.value).map(([name, url = ""]) => ({ name, url })),
    away: wordsOf(form.away.value).map(([first, last = "", stand_in = ""]) => ({ first, last, stand_in })),
  };
}

form?.addEventListener("reset", () => { $("#which").textContent = t("A new person"); form.elements.id.value = ""; });
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = Object.fromEntries(["name", "language", "phone", "note", "action_plan"].map((name) => [name, form.elements[name].value]));
  const contacts = form.contacts.value.split("\n").filter((text) => text.trim()).map((text) => {
    const [name, ...reach] = text.split(",");
    return { name: name.trim(), reach: reach.join(",").trim() };
  });
  const body = { ...values, team_id: form.team_id.value ? Number(form.team_id.value) : null, wears: form.wears.checked, contacts, calls: calls() };
  const which = form.elements.id.value;
  trying(problem, async () => {
    await ask(which ? `/api/people/${which}` : "/api/people", which ? "PUT" : "POST", body);
    form.reset();
    await refresh();
  }, refresh);
});
refresh();
