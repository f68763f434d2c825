// Lines of the register, as the pages of register and account show them.
import { h, t } from "./console.js";

export const SORTS = { training: t("training"), permission: t("permission"), fit: t("fit to work alone") };
const STATES = { valid: t("valid"), "ends soon": t("ends soon"), ended: t("ended"), "to come": t("to come"), no: t("no") };

// What stands out is what somebody has to do something about.
const FINE = ["valid", "to come"];

export function permit(one) {
  return h("li", {}, h("b", {}, one.worker), h("span", {}, [SORTS[one.sort] ?? one.sort, one.task, one.site].filter(Boolean).join(", ")),
    h("span", { class: !FINE.includes(one.state) && "tag" }, STATES[one.state] ?? one.state), h("small", {}, t("{first} to {last}, by {by}", { first: one.first, last: one.last, by: one.given_by })));
}

export function shift(one) {
  return h("li", {}, h("time", {}, one.begins), h("b", {}, one.worker), h("span", {}, [one.task, one.site].join(", ")),
    h("small", {}, t("to {time}", { time: one.ends })), one.alone && h("span", {}, t("alone")));
}

/** Put the lines there; a list without any says so. */
export function fill(place, lines) {
  place.replaceChildren(...(lines.length ? lines : [h("li", {}, t("None."))]));
}
