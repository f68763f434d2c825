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
    h("small", {}, one.contacts.map((call) => `${call.name}: ${call.reach}`).join("; ")),
    form && h("button", { type: "button", onclick: () => edit(one) }, t("Change")),
    form && h("button", { type: "button", class: "plain", onclick: () => trying(problem, async () => { await ask(`/api/people/${one.id}/leave`, "POST", {}); await refresh(); }, refresh) }, t("Has left")));
}

function edit(one) {
  $("#which").textContent = t("Change {name}", { name: one.name });
  for (const name of ["id", "name", "language", "phone", "note", "action_plan"]) form[name].value = one[name];
  form.team_id.value = one.team_id ?? "";
  form.wears.checked = one.wears;
  form.contacts.value = one.contacts.map((call) => `${call.name}, ${call.reach}`).join("\n");
  form.elements.name.focus();
}

form?.addEventListener("reset", () => { $("#which").textContent = t("A new person"); form.elements.id.value = ""; });
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = Object.fromEntries(["name", "language", "phone", "note", "action_plan"].map((name) => [name, form.elements[name].value]));
  const calls = form.contacts.value.split("\n").filter((text) => text.trim()).map((text) => {
    const [name, ...reach] = text.split(",");
    return { name: name.trim(), reach: reach.join(",").trim() };
  });
  const body = { ...values, team_id: form.team_id.value ? Number(form.team_id.value) : null, wears: form.wears.checked, contacts: calls };
  const which = form.elements.id.value;
  trying(problem, async () => {
    await ask(which ? `/api/people/${which}` : "/api/people", which ? "PUT" : "POST", body);
    form.reset();
    await refresh();
  }, refresh);
});
refresh();
