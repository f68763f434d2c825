// Where the wearer is and how they moved. Nothing is fetched from elsewhere: it would tell others where they are.
/* global L, uPlot */
import { $, h, age, ask, clock, t } from "./console.js";

// Older than this it is where somebody was.
export const OLD_MS = 5 * 60000;
let map = null, layers = null, drawn = "", motion = null;

const TRACK = 20;
const spotOf = (one) => `${one.lat.toFixed(5)}, ${one.lon.toFixed(5)}`;
const isOld = (found, one) => found.now_ms - one.until_ms > OLD_MS;
/** Which drawing a circle has: what somebody saw, or what the badge heard; of now, or of a while ago. */
const drawing = (found, one) => ["circle", one.hint && "hint", isOld(found, one) && "old"].filter(Boolean).join(" ");

const isIn = (list, one) => list.some((other) => JSON.stringify(other) === JSON.stringify(one));

/** One thing that is known, in words; its age goes on. */
function words(found, one) {
  return [
    one.hint && h("b", { class: "tag hint" }, t("HINT")), one.hint && " ",
    one.lat !== null && h("a", { href: `geo:${one.lat},${one.lon}` }, spotOf(one)), one.lat !== null && t(", within {metres} m, ", { metres: one.accuracy_m }),
    age(one.until_ms), t(" ago, "), t(one.how, { name: one.name }), one.strength_dbm !== null && `, ${one.strength_dbm} dBm`,
    one.speed_cm_s > 0 && t(", moving at {speed} km/h", { speed: Math.round(one.speed_cm_s * 0.036) }), one.zone !== null && t(", in zone {zone} of the site", { zone: one.zone }), ".",
    isOld(found, one) && t(" OLD: the wearer may be elsewhere."),
  ];
}

/** What is known of the place, in words; the map says the same. */
export function placeWords(found) {
  const { position: best, first, places, item } = found;
  const site = item.address ? t("The site is {address}.", { address: item.address }) : t("No site is set for the wearer.");
  if (!places.length) return [h("p", {}, t("Position: not sent."), " ", site)];
  const earlier = places.filter((one) => !isIn(first, one)).reverse();
  const line = (one) => h("p", { class: isOld(found, one) && "error" }, words(found, one));
  return [
    best ? "" : h("p", {}, t("No position is known.")), ...first.map(line),
    earlier.length ? h("details", { class: "earlier" }, h("summary", {}, t("Earlier: {count}", { count: earlier.length })), h("ol", { class: "lines" }, earlier.map((one) => h("li", {}, h("time", { datetime: new Date(one.at_ms).toISOString() }, clock(one.at_ms)), h("span", {}, words(found, one)))))) : "",
    found.places_trouble && h("p", { class: "error" }, found.places_trouble), found.cells_by && h("p", {}, h("small", {}, found.cells_by)),
    h("p", {}, site),
  ].filter(Boolean);
}

/** The circles within which the wearer was, over the floor plan where one is set: a fix is drawn otherwise than a hint. */
export function drawPlace(found) {
  const { position: best, first, places, picture } = found, circles = places.filter((one) => one.lat !== null).slice(-TRACK);
  const key = JSON.stringify([first, circles, picture, circles.map((one) => isOld(found, one))]);
  if (key === drawn) return;
  drawn = key;
  const frame = $("#map");
  frame.hidden = !circles.length && !picture;
  if (frame.hidden) return;
  if (!map) {
    map = L.map(frame, { attributionControl: false, zoomControl: false, maxZoom: 22, zoomSnap: 0.5 });
    L.control.zoom({ zoomInTitle: t("Nearer"), zoomOutTitle: t("Farther") }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    layers = L.layerGroup().addTo(map);
  }
  layers.clearLayers();
  const edges = picture && L.latLngBounds([picture.south, picture.west], [picture.north, picture.east]);
  if (edges) L.imageOverlay(picture.path, edges, { alt: t("Floor plan of {site}", { site: found.item.site }) }).addTo(layers);
  if (!best) return map.fitBounds(edges, { animate: false });
  map.setView([best.lat, best.lon], 17, { animate: false });
  const fixes = circles.filter((one) => !one.hint);
  if (fixes.length > 1) L.polyline(fixes.map((one) => [one.lat, one.lon]), { className: "track", interactive: false }).addTo(layers);
  // What is said first is a circle, what was before a dot of the track: a wall of circles says nothing.
  for (const one of fixes) if (!isIn(first, one)) L.circleMarker([one.lat, one.lon], { radius: 5, className: "dot" }).bindTooltip(clock(one.at_ms)).addTo(layers);
  let shown = L.latLngBounds([]);
  for (const one of first.filter((other) => other.lat !== null)) {
    const circle = L.circle([one.lat, one.lon], { radius: one.accuracy_m, className: drawing(found, one) }).addTo(layers);
    circle.bindTooltip(h("span", {}, t(one.how, { name: one.name })), { permanent: one.source === "tag", direction: "top" });
    // A wide hint beside the best is there for whoever looks farther.
    if (!one.hint || isIn([best], one)) shown = shown.extend(circle.getBounds());
  }
  map.fitBounds(shown.pad(0.3), { animate: false });
}

/** The motion around the alarm, with what the detector saw and why it decided so. */
export async function drawMotion(found) {
  const place = $("#motion");
  if (found.motion_ms === motion) return;
  motion = found.motion_ms;
  if (motion === null) return;
  const got = await ask(`/api/incidents/${found.item.id}/motion`);
  const seconds = got.magnitudes_mg.map((_, index) => (got.begin_ms + index * got.step_ms) / 1000);
  const at = (ms) => `${((ms - found.item.raised_ms) / 1000).toFixed(1)} s`;
  const plot = h("div", { role: "img", "aria-label": t("Acceleration around the alarm; the words below say what the detector saw.") });
  place.replaceChildren(plot, h("ol", { class: "lines" }, got.phases.map((one) => h("li", {}, h("time", {}, at(one.at_ms)), one.what))),
    got.why && h("p", {}, got.why), h("p", {}, h("small", {}, t("Noted by {name} at {time}.", { name: got.by, time: clock(motion) }))));
  const ink = getComputedStyle(place).color;
  const axis = { stroke: ink, grid: { stroke: "#8884" }, ticks: { stroke: "#8884" } };
  const lines = (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.strokeStyle = ink;
    ctx.setLineDash([6, 4]);
    for (const one of [...got.phases.map((phase) => phase.at_ms), found.item.raised_ms]) {
      const x = Math.round(chart.valToPos(one / 1000, "x", true));
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  };
  const options = {
    width: Math.max(200, place.clientWidth), height: 180, legend: { show: false }, cursor: { show: false },
    axes: [axis, { ...axis, label: "g" }], series: [{}, { stroke: ink, width: 1.5 }], hooks: { draw: [lines] },
  };
  new uPlot(options, [seconds, got.magnitudes_mg.map((one) => one / 1000)], plot);
}

/** A form for a position that somebody heard or saw. */
export function positionForm(send, away) {
  const number = (name, words, given) => h("label", {}, words, h("input", { name, type: "number", required: true, ...given }));
  return h("form", { onsubmit: (event) => {
    event.preventDefault();
    const field = event.target.elements;
    send({ lat: Number(field.lat.value), lon: Number(field.lon.value), accuracy_m: Number(field.accuracy_m.value), age_s: 60 * Number(field.age_min.value) });
  } },
  number("lat", t("Latitude, as 52.00667"), { step: "any", min: -90, max: 90 }), number("lon", t("Longitude, as 4.35556"), { step: "any", min: -180, max: 180 }),
  number("accuracy_m", t("Within how many metres"), { min: 1, max: 100000 }), number("age_min", t("How many minutes ago"), { min: 0, max: 1440, value: 0 }),
  h("div", { class: "actions" }, h("button", { class: "primary" }, t("Note the position")), away));
}
