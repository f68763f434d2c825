// Who looked at whoever is logged in.
import { $, h, ask, clock } from "./console.js";

const found = await ask("/api/audit/own");
$("#audit").replaceChildren(...found.lines.map((one) => h("li", {}, h("time", {}, clock(one.at_ms)), h("b", {}, one.by), h("span", {}, one.what))));
if (!found.lines.length) $("#audit").replaceChildren(h("li", {}, "Nothing is kept about you."));
