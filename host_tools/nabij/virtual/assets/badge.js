// A badge in the hand: what is done to it goes to the simulator, what its motor does comes back.
const $ = (selector) => document.querySelector(selector);

// Names of docs/wearer.md; others are shown as they are.
const FELT = {
  PRE_ALARM: "Felt: are you all right? Move, or press left twice.",
  RAISED: "Felt: the alarm is raised.",
  RECEIVED: "Felt: the centre has it.",
  NOT_DELIVERED: "Felt: not delivered yet; it goes on trying.",
  TAKEN: "Felt: a person has taken it.",
  HELP_COMING: "Felt: help is coming.",
};
const MOST = 200;

async function send(what) {
  $("#error").textContent = "";
  try {
    const answer = await fetch("/do", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(what),
    });
    if (!answer.ok) $("#error").textContent = (await answer.json()).error;
  } catch {
    $("#error").textContent = "The demonstration has ended: start it again.";
  }
}

let sound = null;
function hum(percent) {
  if (!$("#audible").checked) { if (sound) sound.gain.gain.value = 0; return; }
  if (!sound) {
    const context = new AudioContext(), gain = context.createGain(), tone = context.createOscillator();
    tone.type = "triangle"; tone.frequency.value = 170; gain.gain.value = 0;
    tone.connect(gain).connect(context.destination); tone.start();
    sound = { context, gain };
  }
  sound.context.resume();
  sound.gain.gain.value = percent / 100 * 0.25;
}

function note(text) {
  const line = document.createElement("li");
  line.textContent = text;
  $("#log").prepend(line);
  while ($("#log").children.length > MOST) $("#log").lastChild.remove();
}

function happened(one) {
  if ("motor" in one) {
    $("#case").classList.toggle("buzzing", one.motor > 0);
    hum(one.motor);
    if (one.motor > 0 && navigator.vibrate && navigator.userActivation.hasBeenActive) navigator.vibrate(80);
  }
  if ("led" in one) $("#led").classList.toggle("lit", one.led === 1);
  if (one.refused) $("#error").textContent = one.refused;
  if (!one.what) return;
  if (one.what === "haptic") $("#felt").textContent = FELT[one.fields.pattern] ?? `Felt: ${one.fields.pattern}`;
  note(`${one.what}  ${Object.entries(one.fields).map(([name, value]) => `${name}=${value}`).join(" ")}`);
}

const facts = await (await fetch("/facts")).json();
for (const name of ["badge", "wearer", "login", "password"]) $(`#${name}`).textContent = facts[name];
$("#console").href = facts.console;
for (const name of facts.motions) $("#motion").append(new Option(name));
if (facts.motions.length > 1) $("#motion").selectedIndex = 1;
for (const button of document.querySelectorAll("[data-word]")) {
  button.addEventListener("click", () => send({ word: button.dataset.word }));
}
for (const button of document.querySelectorAll("[data-battery]")) {
  button.addEventListener("click", () => send({ battery: Number(button.dataset.battery) }));
}
$("#play").addEventListener("click", () => send({ motion: $("#motion").value }));

const stream = new EventSource("/stream");
stream.addEventListener("message", (event) => happened(JSON.parse(event.data)));
stream.addEventListener("error", () => { $("#error").textContent = "The badge is not heard; trying again."; });
stream.addEventListener("open", () => { $("#error").textContent = ""; });
