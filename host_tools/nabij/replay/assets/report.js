"use strict";
// Fills the page from the data embedded in it. All text from data goes in as text, never as HTML.

const report = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// With a miss among thousands it is not all of them, nor with one found none.
const percent = (share) => (share === null ? "\u2013" : (share > 0 && share < 1 ? Math.min(99.9, Math.max(0.1, 100 * share)) : 100 * share).toFixed(1) + " %");
const interval = (pair) => (pair === null ? "" : ` ${(100 * pair[0]).toFixed(1)}\u2013${(100 * pair[1]).toFixed(1)}`);
const number = (value, digits) => (value === null ? "\u2013" : value.toFixed(digits));

function fillTable(table, rows, names) {
  const head = table.createTHead().insertRow();
  const heads = [...names, "falls", "detected", "sensitivity", "other", "with alarm", "specificity", "false alarms", "hours", "per hour", "per 24 h", "pre-alarms per hour", "latency median", "p95"];
  heads.forEach((text, i) => head.append(make("th", i < names.length ? "name" : "", text)));
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.key.forEach((text) => line.append(make("td", "name", text)));
    const share = (value, pair) => {
      const cell = make("td", "", percent(value));
      cell.append(make("small", "", interval(pair)));
      return cell;
    };
    const ms = (value) => (value === null ? "\u2013" : (value / 1000).toFixed(2) + " s");
    line.append(
      make("td", "", row.falls), make("td", "", row.detected), share(row.sensitivity, row.sensitivity_95),
      make("td", "", row.others), make("td", "", row.others_with_alarm), share(row.specificity, row.specificity_95),
      make("td", "", row.false_alarms), make("td", "", number(row.other_hours, 2)),
      make("td", "", number(row.per_hour, 2)),
      make("td", "", number(row.per_hour === null ? null : 24 * row.per_hour, 1)),
      make("td", "", number(row.pre_alarms_per_hour, 1)),
      make("td", "", ms(row.latency_ms.median)), make("td", "", ms(row.latency_ms.p95)),
    );
  }
}

function fillActivities() {
  const sets = new Map();
  for (const row of report.activities) {
    const [code, label, what] = row.key.slice(-3);
    const name = row.key.slice(0, -3).join(", ");
    const isFall = what === "fall";
    const of = isFall ? row.falls : row.others;
    const right = isFall ? row.detected : row.others - row.others_with_alarm;
    if (!sets.has(name)) sets.set(name, []);
    sets.get(name).push({ label, code, isFall, of, right });
  }
  for (const [name, rows] of sets) {
    const set = make("div", "activity-set");
    set.append(make("h3", "", name));
    rows.sort((a, b) => a.right / a.of - b.right / b.of || b.of - a.of);
    for (const row of rows) {
      const bar = make("div", "bar" + (row.isFall ? " fall" : ""));
      const label = make("span", "label", row.label);
      label.title = `${row.code} ${row.label}`;
      const track = make("span", "track"), fill = make("i");
      fill.style.width = `${(100 * row.right) / row.of}%`;
      track.append(fill);
      bar.append(label, track, make("span", "count", `${row.right} of ${row.of}`));
      set.append(bar);
    }
    byId("activities").append(set);
  }
}

// With the place: one trial may have been recorded at several.
const nameOf = (item) => `${item.bundle}/${item.trial}/${item.placement}`;
let redraws = [];
let shown = [];
let kind = "";
const WORDS = { miss: "miss", "false alarm": "alarm", "pre-alarm": "felt" };
const word = (item) => WORDS[item.kind] || (item.is_fall ? "miss" : "alarm");

function showSide(side) {
  const box = make("div", "side");
  const why = make("p", "why", side.why);
  if (report.configs.length > 1) box.append(make("h4", "", side.config));
  else why.id = "why";
  box.append(why);
  if (side.trace === null) {
    box.append(make("p", "note", `Not drawn: this report draws ${report.drawn} of ${everything.length} recordings. Replay a smaller choice (--placement, --subjects) to see this one.`));
    return box;
  }
  const canvas = make("canvas", "plot"), readout = make("div", "readout"), motion = make("canvas", "motion");
  box.append(canvas, readout, motion);
  box.append(make("p", "note", "Motion in the badge's frame: grey before the first impact, amber while it was judged, red after."));
  if (!side.trace.whole) box.append(make("p", "note", "A long recording: 30 s around the decision are drawn."));
  for (const one of side.trace.decisions) {
    const part = make("div", "decision");
    part.append(make("p", "", one.text));
    const table = make("table");
    for (const [name, measured, points, isFor] of one.facts) {
      const row = table.insertRow();
      row.append(make("td", "", name), make("td", "", measured), make("td", isFor ? "for" : "against", points));
    }
    part.append(table);
    box.append(part);
  }
  // Drawn once they have their width.
  redraws.push(() => makePlot(canvas, readout, side.trace), () => makeMotion(motion, side.trace));
  return box;
}

function showCase(item) {
  const box = byId("case");
  box.replaceChildren();
  const title = make("h3");
  title.append(make("span", `${word(item)}-word`, item.kind.toUpperCase()), ` ${item.activity}`);
  box.append(title, make("p", "note",
    `${item.bundle} / ${item.trial}, ${item.placement}, subject ${item.subject}` +
    `, pre-alarms ${item.pre_alarms}` + (item.quality ? `, recording marked: ${item.quality}` : "")));
  redraws = [];
  const sides = make("div");
  sides.id = "sides";
  const first = { ...item, config: report.configs[0].name };
  for (const side of [first, ...item.others]) sides.append(showSide(side));
  box.append(sides);
  redraws = redraws.map((begin) => begin());
}

function select(index) {
  const list = byId("list");
  if (!shown.length) {
    byId("case").replaceChildren(make("p", "", "No recording of this kind here."));
    return;
  }
  const at = Math.min(shown.length - 1, Math.max(0, index));
  [...list.children].forEach((node, i) => node.setAttribute("aria-selected", i === at));
  // Not scrollIntoView(): that would also scroll the page.
  const node = list.children[at], top = node.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + node.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - 40;
  list.dataset.at = at;
  history.replaceState(null, "", "#" + encodeURIComponent(nameOf(shown[at])));
  showCase(shown[at]);
}

const FILTERS = [
  ["everywhere", (item) => `${item.bundle}, ${item.placement}`],
  ["all activities", (item) => item.activity],
  ["all subjects", (item) => item.subject],
  ["all reasons", (item) => item.reason],
];

function fillList() {
  const wanted = [...byId("filters").children].map((one) => one.value);
  const list = byId("list");
  list.replaceChildren();
  shown = everything.filter((item) => item.kind === kind && FILTERS.every(([, of], i) => !wanted[i] || of(item) === wanted[i]));
  // What can be looked at comes first.
  shown.sort((a, b) => (a.trace === null) - (b.trace === null));
  shown.forEach((item, index) => {
    const node = make("li", word(item));
    node.append(make("b", "", item.kind), ` ${item.activity}`, make("small", "", `${item.bundle} / ${item.trial}`), make("small", "", item.why));
    node.onclick = () => select(index);
    list.append(node);
  });
  select(0);
}

// What a choice would leave empty is not offered.
function fillFilters() {
  const of_kind = everything.filter((item) => item.kind === kind);
  byId("filters").replaceChildren(...FILTERS.map(([all, of]) => choice(all, [...new Set(of_kind.map(of))].sort())));
}

function chooseKind(name) {
  kind = name;
  for (const button of byId("kinds").children) button.setAttribute("aria-selected", button.dataset.kind === name);
  fillFilters();
  fillList();
}

// The address names the recording, so that a person can send another straight to it.
function selectNamed(hash) {
  const wanted = decodeURIComponent(hash.slice(1));
  const found = everything.find((item) => nameOf(item) === wanted);
  if (!found) return;
  chooseKind(found.kind);
  select(shown.indexOf(found));
}

function choice(all, names) {
  const node = make("select");
  node.append(new Option(all, ""), ...names.map((name) => new Option(name, name)));
  node.onchange = fillList;
  return node;
}

const everything = [...report.wrong, ...report.felt];
const kinds = [...new Set([...(report.configs.length > 1 ? [] : ["miss", "false alarm", "pre-alarm"]), ...everything.map((one) => one.kind)])];
const count = (name) => everything.filter((one) => one.kind === name).length;
const LABELS = { miss: "Misses", "false alarm": "False alarms", "pre-alarm": "Pre-alarms without an alarm" };
const names = report.configs.map((one) => one.name).join(" and ");
byId("about").textContent =
  `${report.recordings} recordings, config ${names}, engine ${report.engine}. ${kinds.map((name) => `${LABELS[name] || name}: ${count(name)}`).join("; ")}. ${report.remark}`;
for (const [term, text] of [["command", report.command], ["made", report.at], ["by", `nabij ${report.nabij}`]])
  byId("made").append(make("dt", "", term), make("dd", "", text));
for (const { name, settings } of report.configs) {
  const box = make("details");
  box.append(make("summary", "", `Configuration ${name}`), make("pre", "", Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join("\n")));
  byId("configs").append(box);
}
const beside = report.configs.length > 1 ? ["configuration"] : [];
fillTable(byId("groups"), report.groups, [...beside, "data set", "placement"]);
fillTable(byId("subjects"), report.subjects, [...beside, "data set", "placement", "group"]);
fillActivities();
for (const name of kinds) {
  const button = make("button", "", `${LABELS[name] || name} (${count(name)})`);
  button.dataset.kind = name;
  button.setAttribute("role", "tab");
  button.onclick = () => chooseKind(name);
  byId("kinds").append(button);
}
// From the first moment: nobody looks for a list to click into.
document.onkeydown = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.("select, input, summary")) return;
  event.preventDefault();
  select(Number(byId("list").dataset.at || 0) + step);
};
if (report.errors.length) {
  byId("problems").hidden = false;
  report.errors.forEach((text) => byId("errors").append(make("li", "", text)));
}
const asked = location.hash;
chooseKind(kinds.find((name) => count(name)) || kinds[0] || "");
selectNamed(asked);
const redraw = () => redraws.forEach((one) => one());
addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
