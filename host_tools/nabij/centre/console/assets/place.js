// Where the wearer is and how they moved. Nothing is fetched from elsewhere: it would tell others where they are.
/* global L, uPlot */
import { $, h, age, ask, clock, t } from "./console.js";

// Older than this it is where somebody was.
const OLD_MS = 5 * 60000;
let map = null, layers = null, drawn = "", motion = null;

/** What is known of the place, in words; the map says the same. */
export function placeWords(found) {
  const { position: where, item } = found;
  const site = item.address ? t("The site is {address}.", { address: item.address }) : t("No site is set for the wearer.");
  if (!where) return [h("p", {}, t("Position: not sent."), " ", site)];
  const isOld = found.now_ms - where.at_ms > OLD_MS;
  const spot = `${where.lat.toFixed(5)}, ${where.lon.toFixed(5)}`;
  return [
    h("p", { class: isOld ? "error" : "" }, h("a", { href: `geo:${where.lat},${where.lon}` }, spot), t(", within {metres} m, ", { metres: where.accuracy_m }), age(where.at_ms), t(" ago, noted by {name}.", { name: where.by }), isOld ? t(" OLD: the wearer may be elsewhere.") : ""),
    h("p", {}, site),
  ];
}

/** The circle within which the wearer was, over the floor plan where one is set. */
export function drawPlace(found) {
  const { position: where, picture } = found, key = JSON.stringify([where, picture]);
  if (key === drawn) return;
  drawn = key;
  const frame = $("#map");
  frame.hidden = !where && !picture;
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
  if (where) {
    map.setView([where.lat, where.lon], 17, { animate: false });
    const isOld = found.now_ms - where.at_ms > OLD_MS;
    const circle = L.circle([where.lat, where.lon], { radius: where.accuracy_m, className: isOld ? "circle old" : "circle" }).addTo(layers);
    map.fitBounds(circle.getBounds().pad(0.3), { animate: false });
  } else map.fitBounds(edges, { animate: false });
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
