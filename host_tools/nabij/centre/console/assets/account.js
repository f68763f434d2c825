// Who looked at whoever is logged in.
import "./passkeys.js";
import { $, h, ask, clock, t, trying } from "./console.js";
import { fill, permit, shift } from "./facts.js";

await trying($("#problem"), async () => {
  const own = await ask("/api/register/own");
  fill($("#permits"), own.permits.map(permit));
  fill($("#shifts"), own.shifts.map(shift));
  const where = await ask("/api/location/own");
  fill($("#location"), [
    where.at_ms !== null && h("li", {}, h("time", {}, clock(where.at_ms)), h("span", {}, t("Where you were last, sealed: it is opened for an alarm or a missed deadline only."))),
    where.council && h("li", {}, t("Consent of {council}, {reference}, until {until}", where)),
  ].filter(Boolean));
  const { lines } = await ask("/api/audit/own");
  $("#audit").replaceChildren(...lines.map((one) => h("li", {}, h("time", {}, clock(one.at_ms)), h("b", {}, one.by), h("span", {}, t(one.what)))));
  if (!lines.length) $("#audit").replaceChildren(h("li", {}, t("Nothing is kept about you.")));
});
