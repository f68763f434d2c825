// One incident. Only what changed is drawn anew; the note that somebody types is never touched.
import { $, h, ask, age, filled, left, isNow, clock, keys, t, trying } from "./console.js";
import { onChange } from "./stream.js";
import { AGAIN } from "./watchful.js";
import { OLD_MS, drawMotion, drawPlace, placeWords, positionForm } from "./place.js";

const page = $("#incident"), id = page.dataset.id, name = page.dataset.name, mayHandle = page.dataset.may === "handle";
const problem = $("#problem"), drawer = $("#drawer");
const STEPS = { received: t("Received"), taken: t("Taken"), help_coming: t("Help is coming"), closed: t("Closed") };
const FELT = { received: t("RECEIVED: the alarm is at the centre"), taken: t("TAKEN: a person has it"), help_coming: t("HELP COMING"), closed: t("nothing: the badge ends its alarm"), "": t("nothing: the badge knows nothing of this incident") };
const REASONS = [["helped", t("The wearer was helped")], ["false_alarm", t("False alarm")], ["technical", t("Technical")], ["drill", t("Drill")], ["other", t("Something else")]];
let shown = {}, found = null, busy = false, again = false;

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    do {
      again = false;
      await trying(problem, async () => { found = await ask(`/api/incidents/${id}`); });
      if (found) show();
    } while (again);
  } finally { busy = false; }
}

function part(selector, key, make) {
  const text = JSON.stringify(key);
  if (shown[selector] === text) return;
  shown[selector] = text;
  $(selector).replaceChildren(...[make()].flat());
}

const act = (path, body = {}) => trying(problem, async () => { await ask(`/api/incidents/${id}/${path}`, "POST", body); drawer.replaceChildren(); await refresh(); }, refresh);
const button = (words, onclick, given = {}) => h("button", { type: "button", onclick, ...given }, words);

function show() {
  const { item } = found;
  isNow(found.now_ms);
  document.body.classList.toggle("is-drill", item.drill);
  part("#head", [item.words, item.wearer, item.raised_ms, item.again, item.site], () => [
    h("span", { class: "mark-p", "data-p": item.priority }, String(item.priority)),
    h("h1", { class: "who" }, item.wearer || t("Badge {badge}", { badge: item.badge })),
    h("span", { class: "what" }, t(item.words)), item.drill ? h("span", { class: "tag drill" }, t("DRILL: nobody is in need")) : "", item.again ? h("span", { class: "tag" }, AGAIN[item.again] ?? item.again) : "",
    h("span", { class: "since" }, item.age_at_least ? t("at least ") : "", age(item.raised_ms)),
    h("span", {}, [item.site, item.address, item.team].filter(Boolean).join(", ")),
  ]);
  part("#actions", [item.owner, item.owned_until_ms, item.state, found.closed], actions);
  part("#ladder", [found.told, item.state], ladder);
  part("#plan", found.action_plan, () => found.action_plan || t("No plan is written for this person or their team."));
  part("#calls", [found.contacts, found.phone, found.note], calls);
  part("#place", [found.places, found.first, found.places_trouble, found.motion_ms, item.address, found.closed, found.places.map((one) => found.now_ms - one.until_ms > OLD_MS)], () => [
    ...placeWords(found), found.motion_ms === null ? h("p", {}, t("Motion around the alarm: not sent. It can be read from the badge by cable (nabij pull).")) : "",
    mayHandle && !found.closed ? button(t("Note a position"), () => open(positionForm((body) => act("position", body), away()))) : "",
  ]);
  drawPlace(found);
  trying(problem, () => drawMotion(found));
  part("#lines", found.lines, () => found.lines.map((one) => h("li", {},
    h("time", { datetime: new Date(one.at_ms).toISOString() }, clock(one.at_ms)), h("b", {}, filled(t(one.words), one.given)), one.by && h("span", {}, one.by), one.text && h("span", { class: "pre" }, one.text))));
}

function actions() {
  const { item } = found, isMine = item.owner === name;
  const files = h("p", {}, t("Signed file:"), " ", h("a", { href: `/incidents/${id}/file/html` }, "HTML"), " ", h("a", { href: `/incidents/${id}/file/json` }, "JSON"));
  if (found.closed) return [h("p", {}, t("Closed.")), mayHandle ? button(t("Link for others"), askLink) : "", files].filter(Boolean);
  const who = h("p", { class: "owner" }, item.owner ? [isMine ? t("Yours") : t("{owner} has it", { owner: item.owner }), t(", back in the queue in "), left(item.owned_until_ms)] : t("Nobody has it."));
  if (!mayHandle) return [who, files];
  return [
    button(isMine ? t("Keep it 15 minutes more") : t("Take"), () => act("claim"), { class: "primary", disabled: Boolean(item.owner) && !isMine }),
    item.state !== "help_coming" && button(t("Help is coming"), () => act("help")),
    button(t("I know of it"), () => act("inform")),
    isMine && button(t("Hand over"), askWho), isMine && button(t("Give back"), () => act("give-back")),
    button(t("Close"), askWhy), button(t("Link for others"), askLink), who, files,
  ].filter(Boolean);
}

function ladder() {
  const kept = found.told !== "" && found.told !== found.item.state;
  return [
    h("h2", {}, t("What the wearer feels")),
    h("ol", {}, Object.keys(STEPS).map((one) => h("li", { "aria-current": one === found.item.state ? "step" : null }, STEPS[one]))),
    h("p", {}, FELT[found.told] ?? found.told, kept ? t(". More is kept from the badge: somebody may watch it.") : "."),
  ];
}

function calls() {
  const list = found.contacts.map((one) => h("li", {}, h("b", {}, one.name), h("span", {}, one.reach)));
  return [
    found.note && h("p", { class: "pre" }, found.note),
    list.length ? h("ol", { class: "lines" }, list) : h("p", {}, t("No contact is set.")),
    button(t("Call the wearer"), askCall),
  ].filter(Boolean);
}

function open(...kids) {
  drawer.replaceChildren(...kids);
  drawer.querySelector("input, select, textarea, button")?.focus();
}
const away = () => button(t("Not now"), () => drawer.replaceChildren());

function askCall() {
  const why = found.item.duress ? t("THE WEARER IS FORCED. A ringing telephone gives them away: do not call, unless the plan says so.") : t("A ringing telephone may betray somebody who hides. Read the plan first.");
  open(h("p", { class: "error" }, why), h("div", { class: "actions" },
    button(t("Show the number all the same"), () => open(h("p", {}, found.phone ? t("Call {phone}", { phone: found.phone }) : t("No number is set for this person.")), away())), away()));
}

async function askLink() {
  // One that was made or revoked a moment ago is in the list, or is not.
  await trying(problem, async () => { found = await ask(`/api/incidents/${id}`); });
  const whom = h("input", { name: "whom", required: true, maxlength: 100 });
  const good = found.links.filter((one) => one.good);
  open(h("form", { onsubmit: (event) => { event.preventDefault(); makeLink(whom.value); } },
    h("label", {}, t("For whom: the alarm centre, or their operator"), whom),
    h("p", {}, t("It opens this incident and nothing else, without a log-in, for two hours. Its use stands in the audit.")),
    h("div", { class: "actions" }, h("button", { class: "primary" }, t("Make the link")), away())),
  h("ul", { class: "lines" }, good.map((one) => h("li", {}, h("b", {}, one.whom), t("until {time}, made by {name}", { time: clock(one.until_ms), name: one.by }),
    button(t("Revoke"), () => trying(problem, async () => { await ask(`/api/incidents/${id}/links/${one.id}`, "DELETE"); await askLink(); }))))));
}

function makeLink(whom) {
  trying(problem, async () => {
    const made = await ask(`/api/incidents/${id}/links`, "POST", { whom });
    const address = h("input", { name: "address", readonly: true, value: location.origin + made.path, onfocus: (event) => event.target.select() });
    open(h("label", {}, t("Shown once: copy it now"), address), h("p", {}, t("Good until {time}.", { time: clock(made.until_ms) })), away());
  }, refresh);
}

function askWho() {
  const to = h("input", { name: "to", required: true, maxlength: 100 });
  open(h("form", { onsubmit: (event) => { event.preventDefault(); act("hand-over", { to: to.value }); } },
    h("label", {}, t("To whom (their name as it stands in the bar)"), to), h("div", { class: "actions" }, h("button", { class: "primary" }, t("Hand over")), away())));
}

function askWhy() {
  const reason = h("select", { name: "reason", required: true }, h("option", { value: "" }, t("Choose")),
    REASONS.map(([value, words]) => h("option", { value, disabled: value === "false_alarm" && !found.may_call_false }, words)));
  const note = h("textarea", { name: "closing", rows: 2, required: true, maxlength: 900 });
  open(h("form", { onsubmit: (event) => { event.preventDefault(); act("close", { reason: reason.value, note: note.value }); } },
    h("label", {}, t("Why"), reason), !found.may_call_false && h("p", {}, found.item.duress ? t("Never a false alarm: the wearer is forced.") : t("A false alarm can be chosen once it is noted that you spoke to the wearer.")),
    h("label", {}, t("What happened"), note), h("div", { class: "actions" }, h("button", { class: "primary" }, t("Close it")), away())));
}

const form = $("#note");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  trying(problem, async () => {
    await ask(`/api/incidents/${id}/note`, "POST", { text: form.text.value, contact: form.contact.checked });
    form.reset();
    await refresh();
  }, refresh);
});
keys({
  n: () => form?.text.focus(), backspace: () => location.assign("/queue"), escape: () => drawer.replaceChildren(),
  t: () => { if (mayHandle && found && !found.item.owner) act("claim"); }, c: () => { if (mayHandle && found && !found.closed) askWhy(); },
});
onChange(refresh);
setInterval(refresh, 30000);
refresh();
