// A sound until somebody has every alarm. A browser plays nothing before a click: until then it is off, in red.
import { $, t } from "./console.js";

const EVERY_MS = 2000, KEPT = "sound";
let audio = null, analyser = null, wanted = false;
const button = $("#sound");

/** Whether it should sound; the first tone comes at once. */
export function sounds(isWanted) {
  const isNew = isWanted && !wanted;
  wanted = isWanted;
  if (isNew) beep();
}

function paint() {
  const isOn = audio !== null && audio.state === "running";
  button.dataset.state = isOn ? "on" : "off";
  button.textContent = isOn ? t("Sound is on") : t("Sound is off");
}

export async function toggle() {
  if (audio === null) {
    audio = new AudioContext();
    analyser = audio.createAnalyser();
    analyser.connect(audio.destination);
    // A browser may suspend it later: then it is off again, and says so.
    audio.addEventListener("statechange", paint);
    await audio.resume();
  } else if (audio.state === "running") await audio.suspend();
  else await audio.resume();
  sessionStorage.setItem(KEPT, audio.state === "running" ? "on" : "off");
  paint();
  beep();
}

function beep() {
  if (audio === null || audio.state !== "running" || !wanted) return;
  [660, 880].forEach((hertz, place) => {
    const tone = audio.createOscillator(), loud = audio.createGain(), from = audio.currentTime + place * 0.25;
    tone.frequency.value = hertz;
    loud.gain.setValueAtTime(0.2, from);
    loud.gain.exponentialRampToValueAtTime(0.001, from + 0.22);
    tone.connect(loud).connect(analyser);
    tone.start(from);
    tone.stop(from + 0.24);
  });
}

/** The loudest sample that is played just now, 0 to 1. */
export function level() {
  if (analyser === null) return 0;
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
}

if (button) {
  button.addEventListener("click", toggle);
  setInterval(beep, EVERY_MS);
  // A meter that falls slowly, so that a short tone is seen.
  let shown = 0;
  setInterval(() => { shown = Math.max(level(), shown * 0.96); button.dataset.level = shown.toFixed(4); }, 50);
  paint();
  // It was on when this window left the page before: most browsers then need no click again.
  if (sessionStorage.getItem(KEPT) === "on") toggle();
}
