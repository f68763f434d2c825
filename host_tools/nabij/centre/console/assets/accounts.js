// Accounts, teams and sites, for an administrator.
import { $, h, ask, clock, t, trying } from "./console.js";

const problem = $("#problem"), form = $("#account"), link = $("#link");
let sites = new Map();

async function refresh() {
  await trying(problem, async () => {
    const [found, people, hooks] = await Promise.all([ask("/api/accounts"), ask("/api/people"), ask("/api/webhooks")]);
    $("#webhooks").replaceChildren(...hooks.webhooks.map(hook));
    $("#accounts").replaceChildren(...found.accounts.map(line));
    form.person_id.replaceChildren(h("option", { value: "" }, t("Nobody")), ...people.people.map((one) => h("option", { value: one.id }, one.name)));
    form.teams.replaceChildren(...people.teams.map((one) => h("option", { value: one.id }, one.name)));
    $("#picture").site_id.replaceChildren(...people.sites.map((one) => h("option", { value: one.id }, one.name)));
    sites = new Map(people.sites.map((one) => [String(one.id), one]));
    $("#site").site_id.replaceChildren(h("option", { value: "" }, t("A new site")), ...people.sites.map((one) => h("option", { value: one.id }, one.name)));
    $("#team").site_id.replaceChildren(h("option", { value: "" }, t("No site")), ...people.sites.map((one) => h("option", { value: one.id }, one.name)));
  });
}

function line(one) {
  const state = one.disabled ? t("disabled") : one.is_open ? "" : t("waits for its link");
  const invite = () => trying(problem, async () => { tell(await ask(`/api/accounts/${one.id}/invite`, "POST", {})); await refresh(); }, refresh);
  const change = (body) => trying(problem, async () => { await ask(`/api/accounts/${one.id}`, "PUT", body); await refresh(); }, refresh);
  return h("li", {}, h("b", {}, one.name), h("span", {}, `${one.login}, ${t(one.role)}`), h("small", {}, [state, one.has_second_factor ? t("second factor") : t("no second factor")].filter(Boolean).join(", ")),
    h("span", { class: "deeds" }, h("button", { type: "button", onclick: invite }, t("New link")), h("button", { type: "button", class: "plain", onclick: () => change({ disabled: !one.disabled }) }, one.disabled ? t("Enable") : t("Disable"))));
}

function hook(one) {
  const change = (method, body) => trying(problem, async () => { await ask(`/api/webhooks/${one.id}`, method, body); await refresh(); }, refresh);
  const state = one.disabled ? t("disabled") : one.failing_ms !== null ? t("takes nothing since {time}: {why}", { time: clock(one.failing_ms), why: one.said }) : one.behind ? t("{count} to come", { count: one.behind }) : "";
  return h("li", {}, h("b", {}, one.name), h("span", {}, one.host), h("small", {}, state),
    h("span", { class: "deeds" }, h("button", { type: "button", onclick: () => change("PUT", { disabled: !one.disabled }) }, one.disabled ? t("Enable") : t("Disable")),
      h("button", { type: "button", class: "plain", onclick: () => change("DELETE", {}) }, t("Remove"))));
}

function tell(invitation) {
  link.hidden = false;
  link.textContent = t("Give them this link; it works once, within a day: {link}", { link: `${location.origin}${invitation.path}` });
}

const sends = (selector, path, body, place = () => [path, "POST"]) => $(selector).addEventListener("submit", (event) => {
  event.preventDefault();
  trying(problem, async () => {
    const when = event.target.elements.on_date?.value;
    const made = await ask(...place(event.target.elements), body(event.target.elements));
    event.target.reset();
    if (made.path) tell(made);
    if (made.secret) { link.hidden = false; link.textContent = t("Its secret, shown only now: {secret}", { secret: made.secret }); }
    if (path === "/api/consent") { link.hidden = false; link.textContent = t("The consent of {date} is kept.", { date: when }); }
    await refresh();
  }, refresh);
});
const number = (field) => (field.value ? Number(field.value) : null);
sends("#account", "/api/accounts", (field) => ({
  login: field.login.value, name: field.name.value, role: field.role.value, person_id: number(field.person_id),
  teams: [...field.teams.selectedOptions].map((one) => Number(one.value)),
}));
sends("#team", "/api/teams", (field) => ({ name: field.name.value, site_id: number(field.site_id), action_plan: field.action_plan.value }));
sends("#consent", "/api/consent", (field) => ({ on_date: field.on_date.value, reference: field.reference.value }));
$("#picture").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.elements;
  trying(problem, async () => {
    const bytes = new Uint8Array(await (field.file.files[0]?.arrayBuffer() ?? new ArrayBuffer(0)));
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    const edges = Object.fromEntries(["north", "south", "west", "east"].map((name) => [name, Number(field[name].value)]));
    await ask(`/api/sites/${field.site_id.value}/picture`, "PUT", { picture: btoa(text), ...edges });
    link.hidden = false;
    link.textContent = t("The floor plan is kept.");
    event.target.reset();
  }, refresh);
});
sends("#webhook", "/api/webhooks", (field) => ({ name: field.name.value, url: field.url.value }));
sends("#site", "/api/sites", (field) => ({ name: field.name.value, address: field.address.value, note: sites.get(field.site_id.value)?.note ?? "", zone: field.zone.value }), (field) => (field.site_id.value ? [`/api/sites/${field.site_id.value}`, "PUT"] : ["/api/sites", "POST"]));
$("#site").site_id.addEventListener("change", (event) => {
  const one = sites.get(event.target.value), field = $("#site").elements;
  for (const name of ["name", "address", "zone"]) field[name].value = one?.[name] ?? "";
});
refresh();
