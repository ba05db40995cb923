// Passkeys: the server says what to ask the browser for, the browser asks its owner, the server checks the answer.
import { csrfToken, element, icon, on } from "./dom.js";

export function startPasskeys() {
  if (!window.PublicKeyCredential) return;
  for (const part of document.querySelectorAll("[data-passkey][hidden], [data-passkey-form][hidden]")) part.hidden = false;
  for (const words of document.querySelectorAll("[data-passkey-none]")) words.hidden = true;
  on("click", "[data-passkey]", async (_, button) => {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    tell(button, "");
    try {
      const location = await (button.dataset.passkey === "register" ? register(button) : signIn(button));
      if (location) return window.location.assign(location);
    } catch (error) {
      tell(button, error instanceof Refused ? error.message : "No passkey was used. Try again, or choose another way.");
    }
    button.removeAttribute("aria-busy");
  });
  // Enter in a field of the form is its button.
  on("submit", "[data-passkey-form]", (event, form) => {
    event.preventDefault();
    form.querySelector("[data-passkey]").click();
  });
}

async function register(button) {
  const { name: field, current_password: password } = button.form.elements;
  const name = field.value.trim();
  if (!name) {
    field.focus();
    throw new Refused("Give it a name first.");
  }
  if (!password.value) {
    password.focus();
    throw new Refused("Type your password as well.");
  }
  const { publicKey } = await post("/account/passkeys/begin", { current_password: password.value });
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.user.id = bytes(publicKey.user.id);
  for (const known of publicKey.excludeCredentials ?? []) known.id = bytes(known.id);
  const made = await navigator.credentials.create({ publicKey });
  const { response } = made;
  const answer = {
    ...head(made),
    response: {
      attestationObject: text(response.attestationObject),
      clientDataJSON: text(response.clientDataJSON),
      transports: response.getTransports?.() ?? [],
    },
  };
  return (await post("/account/passkeys/finish", { name, answer })).location;
}

async function signIn(button) {
  const username = button.form.elements.username.value.trim();
  const { publicKey } = await post("/auth/passkey/begin", { username });
  publicKey.challenge = bytes(publicKey.challenge);
  for (const known of publicKey.allowCredentials ?? []) known.id = bytes(known.id);
  const shown = await navigator.credentials.get({ publicKey });
  const { response } = shown;
  const answer = {
    ...head(shown),
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
  const next = button.form.elements.next?.value ?? "";
  return (await post("/auth/passkey/finish", { answer, next })).location;
}

function head(credential) {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, extensions: {} };
}

class Refused extends Error {}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Refused(said.detail);
  return said;
}

/** Base64url, as WebAuthn writes bytes in JSON. */
function bytes(words) {
  const plain = atob(words.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function tell(button, words) {
  const place = button.form.querySelector("[data-passkey-problem]");
  place.replaceChildren();
  if (words) place.append(element("div", { class: "notice tone-danger", role: "alert" }, icon("alert-circle"), element("p", {}, words)));
}
