// A log-in by passkey, where the browser and the address allow one. The form needs no script.
import { $, Refused, ask, t } from "./console.js";
import { canHave } from "./passkeys.js";

const button = $("#passkey"), problem = $("#problem");
if (button && canHave()) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    problem.hidden = true;
    try {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await ask("/login/passkey/begin", "POST", {}));
      const credential = await navigator.credentials.get({ publicKey });
      await ask("/login/passkey", "POST", { credential: credential.toJSON() });
      location.assign("/");
    } catch (error) {
      problem.textContent = error instanceof Refused ? error.message : t("No passkey was used.");
      problem.hidden = false;
    }
  });
}
