// Who looked at whoever is logged in.
import { $, h, ask, clock, trying } from "./console.js";

await trying($("#problem"), async () => {
  const { lines } = await ask("/api/audit/own");
  $("#audit").replaceChildren(...lines.map((one) => h("li", {}, h("time", {}, clock(one.at_ms)), h("b", {}, one.by), h("span", {}, one.what))));
  if (!lines.length) $("#audit").replaceChildren(h("li", {}, "Nothing is kept about you."));
});
