// Plans: who is called when, what is wrong with that, and who answered a drill how fast.
import { $, h, ask, clock, isNow, running, t, trying } from "./console.js";
import { onChange } from "./stream.js";

const problem = $("#problem"), form = $("#change"), mayDrill = $("#plans").dataset.may === "drill";
const WHEN = { always: t("at any hour"), working: t("in working hours"), outside: t("outside of working hours") };
const STATES = {
  waiting: t("waits"), sending: t("is being sent"), sent: t("sent"), failed: t("failed"), spared: t("not needed"), skipped: t("not called"), over: t("over"),
};
const SAID = { take: t("took it"), cannot: t("cannot come"), help: t("sends help") };
const OTHERS = t("all other badges"), NO_BADGE = t("no badge");
let shown = "";

async function refresh() {
  await trying(problem, async () => {
    const found = await ask("/api/plans");
    isNow(found.now_ms);
    const text = JSON.stringify({ ...found, now_ms: 0 });
    if (text !== shown) show(found);
    shown = text;
  });
}

function show(found) {
  $("#looked").textContent = !found.is_looked_over ? t("They are being looked over.") : found.findings.length ? "" : found.plans.length ? t("Nothing was found.") : t("There is no plan: nobody is called.");
  $("#findings").replaceChildren(...found.findings.map((one) => h("li", {}, one)));
  $("#list").replaceChildren(...found.plans.map(plan));
  const tried = [...found.drills.map((one) => [one.began_ms, drill(one)]), ...found.practices.map((one) => [one.began_ms, practice(one)])].sort((one, other) => other[0] - one[0]);
  $("#tried").replaceChildren(...(tried.length ? tried.map(([, element]) => element) : [h("li", {}, t("None yet."))]));
}

function plan(one) {
  const begin = () => trying(problem, async () => { await ask(`/api/plans/${encodeURIComponent(one.name)}/drill`, "POST", {}); await refresh(); }, refresh);
  return h("article", { class: "card" }, h("h2", {}, one.name), h("p", {}, t("For {badges}", { badges: one.badges.map((badge) => (badge === "*" ? OTHERS : badge)).join(", ") || NO_BADGE })),
    h("ol", { class: "lines" }, one.steps.map((step, place) => h("li", {}, h("time", {}, running(step.after_s * 1000)), h("b", {}, step.person || step.whom),
      step.person && step.person !== step.whom && h("span", {}, t("in place of {name}", { name: step.whom })), h("span", {}, step.channels.join(", ")),
      h("small", {}, [WHEN[step.when], step.wakes ? t("wakes them") : "", step.until === "closed" ? t("until it is closed") : "", place === one.steps.length - 1 ? t("again each {minutes} min", { minutes: one.repeat_min }) : ""].filter(Boolean).join(", ")),
      step.now && h("span", { class: "tag" }, t("not now: {why}", { why: step.now }))))),
    mayDrill && h("button", { type: "button", onclick: begin }, t("Drill this plan")));
}

function drill(one) {
  return h("li", {}, h("time", {}, clock(one.began_ms)), h("b", {}, t("DRILL of plan {plan}", { plan: one.plan })), one.ended_ms === null && h("span", { class: "tag drill" }, t("runs")),
    h("ul", {}, one.told.filter((row) => row.channel).map((row) => h("li", {}, `${row.name}, ${row.channel}: ${STATES[row.state] ?? row.state}${row.said ? ` (${row.said})` : ""}`)),
      one.answers.map((row) => h("li", {}, h("b", {}, `${row.name}, ${row.channel}: `), t("{said} after {time}", { said: SAID[row.what] ?? row.what, time: running(row.after_ms) }))),
      one.ended_ms !== null && !one.answers.some((row) => row.what === "take") && h("li", {}, h("b", {}, t("NOBODY TOOK IT")))));
}

function practice(one) {
  return h("li", {}, h("time", {}, clock(one.began_ms)), h("a", { href: `/incidents/${one.incident_id}` }, t("DRILL at the console, {wearer}", { wearer: one.wearer })),
    h("span", {}, one.taken_after_ms === null ? t("nobody took it") : t("{name} took it after {time}", { name: one.taken_by, time: running(one.taken_after_ms) })), !one.closed && h("span", { class: "tag drill" }, t("open")));
}

async function load() {
  if (form) await trying(problem, async () => { form.toml.value = (await ask("/api/plans/text")).toml; });
}
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  trying(problem, async () => { await ask("/api/plans", "PUT", { toml: form.toml.value }); await load(); await refresh(); }, refresh);
});
form?.addEventListener("reset", (event) => { event.preventDefault(); load(); });
onChange(refresh);
setInterval(refresh, 5000);
load();
refresh();
