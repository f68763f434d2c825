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

const percent = (share) => (share === null ? "\u2013" : (100 * share).toFixed(1) + " %");
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
    const name = `${row.key[0]}, ${row.key[1]}`;
    const isFall = row.key[4] === "fall";
    const of = isFall ? row.falls : row.others;
    const right = isFall ? row.detected : row.others - row.others_with_alarm;
    if (!sets.has(name)) sets.set(name, []);
    sets.get(name).push({ label: row.key[3], code: row.key[2], isFall, of, right });
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
let redraw = () => {};
let shown = [];

function showCase(item) {
  const box = byId("case");
  box.replaceChildren();
  const title = make("h3");
  title.append(make("span", item.kind === "miss" ? "miss-word" : "alarm-word", item.kind.toUpperCase()), ` ${item.activity}`);
  box.append(title, make("p", "", null), make("p", "", null));
  const where = box.children[1];
  where.className = "note";
  where.textContent = `${item.bundle} / ${item.trial}, ${item.placement}, subject ${item.subject}` + (item.quality ? `, recording marked: ${item.quality}` : "");
  box.children[2].id = "why";
  box.children[2].textContent = item.why;
  redraw = () => {};
  if (item.trace === null) {
    box.append(make("p", "note", `Not drawn: this report draws ${report.drawn} of ${report.wrong.length} recordings. Replay a smaller choice (--placement, --subjects) to see this one.`));
    return;
  }
  const canvas = make("canvas"), readout = make("div");
  readout.id = "readout";
  box.append(canvas, readout);
  if (!item.trace.whole) box.append(make("p", "note", "A long recording: 30 s around the decision are drawn."));
  redraw = makePlot(canvas, readout, item.trace);
  for (const one of item.trace.decisions) {
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
}

function select(index) {
  const list = byId("list");
  if (!shown.length) {
    byId("case").replaceChildren(make("p", "", "No miss and no false alarm here."));
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

function fillList() {
  const [kind, place] = [...byId("filters").children].map((one) => one.value);
  const list = byId("list");
  list.replaceChildren();
  shown = report.wrong.filter((one) => (!kind || one.kind === kind) && (!place || `${one.bundle}, ${one.placement}` === place));
  // What can be looked at comes first.
  shown.sort((a, b) => (a.trace === null) - (b.trace === null));
  shown.forEach((item, index) => {
    const node = make("li", item.kind === "miss" ? "miss" : "alarm");
    node.append(make("b", "", item.kind), ` ${item.activity}`, make("small", "", `${item.bundle} / ${item.trial}`), make("small", "", item.why));
    node.onclick = () => select(index);
    list.append(node);
  });
  select(0);
}

// The address names the recording, so that a person can send another straight to it.
function selectNamed(hash) {
  const wanted = decodeURIComponent(hash.slice(1));
  const index = shown.findIndex((item) => nameOf(item) === wanted);
  if (index > 0) select(index);
}

function choice(all, names) {
  const node = make("select");
  node.append(new Option(all, ""), ...names.map((name) => new Option(name, name)));
  node.onchange = fillList;
  return node;
}

const misses = report.wrong.filter((one) => one.kind === "miss").length;
byId("about").textContent =
  `${report.recordings} recordings, config ${report.config}, engine ${report.engine}. Misses: ${misses}; recordings with a false alarm: ${report.wrong.length - misses}. ${report.command} ${report.remark}`;
fillTable(byId("groups"), report.groups, ["data set", "placement"]);
fillTable(byId("subjects"), report.subjects, ["data set", "placement", "group"]);
fillActivities();
byId("filters").append(
  choice("misses and false alarms", ["miss", "false alarm"]),
  choice("everywhere", [...new Set(report.wrong.map((one) => `${one.bundle}, ${one.placement}`))]),
);
byId("list").onkeydown = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  select(Number(byId("list").dataset.at || 0) + step);
};
if (report.errors.length) {
  byId("problems").hidden = false;
  report.errors.forEach((text) => byId("errors").append(make("li", "", text)));
}
byId("settings").textContent = Object.entries(report.settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join("\n");
const asked = location.hash;
fillList();
selectNamed(asked);
addEventListener("resize", () => redraw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
