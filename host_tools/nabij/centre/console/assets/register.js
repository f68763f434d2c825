// The employer's register, to be read: what is missing, permits, shifts, tasks, measures, tags.
import { $, h, ask, t, trying } from "./console.js";
import { fill, permit, shift } from "./facts.js";

const WEIGHTS = { refused: t("NOT ALLOWED"), missing: t("missing"), soon: t("ends soon") };
const STATUS = { open: t("open"), busy: t("under way"), done: t("done") };
const only = $("#only");

const finding = (one) => h("li", {}, h("time", {}, one.first), h("span", { class: one.weight !== "soon" && "tag" }, WEIGHTS[one.weight] ?? one.weight), h("span", {}, one.sentence), h("small", {}, t("shifts: {count}", { count: one.shifts })));
const task = (one) => h("li", {}, h("b", {}, one.name), h("span", {}, t("effect {effect}, probability {probability}", { effect: one.effect, probability: one.probability })),
  one.article && h("span", { class: "tag" }, t("never alone: {article}", { article: one.article })));
const measure = (one) => h("li", {}, h("b", {}, one.text), h("span", {}, [one.task, one.site, one.owner].filter(Boolean).join(", ")), h("span", {}, STATUS[one.status] ?? one.status), one.last && h("small", {}, t("to {time}", { time: one.last })));
const worker = (one) => h("li", {}, h("b", {}, one.name), h("span", {}, one.role), one.adult === null ? h("span", { class: "tag" }, t("age not known")) : !one.adult && h("span", { class: "tag" }, t("under 18: not alone")));
const tag = (one) => h("li", {}, h("b", {}, one.room), h("span", {}, [one.site, one.sort].join(", ")), h("small", {}, one.identity), h("span", {}, one.on_plan ? t("on the floor plan") : t("not on the floor plan")));

function show() {
  const wanted = only.value.trim().toLowerCase();
  for (const line of document.querySelectorAll("main ol > li")) line.hidden = !line.textContent.toLowerCase().includes(wanted);
}

only.addEventListener("input", show);
await trying($("#problem"), async () => {
  const found = await ask("/api/register");
  const makers = { findings: finding, shifts: shift, permits: permit, tasks: task, measures: measure, workers: worker, tags: tag };
  for (const [name, make] of Object.entries(makers)) fill($(`#${name}`), found[name].map(make));
  $("#more").hidden = !found.left_out;
  $("#more").textContent = t("{count} more lines are in the sheets (nabij register export).", { count: found.left_out });
  show();
});
