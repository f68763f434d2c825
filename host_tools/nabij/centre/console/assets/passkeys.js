// Passkeys of whoever is logged in.
import { $, Refused, h, ask, clock, t, trying } from "./console.js";

/** Whether there can be any here: they belong to a name, and an address is none. */
export function canHave() {
  return Boolean(globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) && !/^[\d.]+$|^\[/.test(location.hostname);
}

const wrong = $("#wrong"), list = $("#passkeys");

async function refresh() {
  const { passkeys } = await ask("/api/passkeys");
  list.replaceChildren(...passkeys.map((one) => h("li", {}, h("b", {}, one.name), h("time", {}, clock(one.made_ms)),
    h("button", { type: "button", onclick: () => trying(wrong, async () => { await ask(`/api/passkeys/${one.id}`, "DELETE", {}); await refresh(); }, refresh) }, t("Remove")))));
}

async function make() {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await ask("/api/passkeys/begin", "POST", {}));
  let credential;
  try {
    credential = await navigator.credentials.create({ publicKey });
  } catch {
    throw new Refused(t("No passkey was made."));
  }
  const name = navigator.userAgentData?.platform || navigator.platform || "";
  await ask("/api/passkeys", "POST", { credential: credential.toJSON(), name });
  await refresh();
}

if (list) {
  const button = $("#make");
  button.hidden = !canHave();
  button.addEventListener("click", () => trying(wrong, make, refresh));
  trying(wrong, refresh);
}
