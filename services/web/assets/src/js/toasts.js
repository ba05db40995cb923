// Short messages in the corner: from the server's flash, from an HX-Trigger header, or from a failed request.
import { csrfToken, element, icon, on } from "./dom.js";

const ICONS = { success: "circle-check", danger: "alert-circle", warning: "alert-triangle", info: "info-circle" };
const STAY_MS = 6000;

export function toast({ tone = "info", text, undo = null }) {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const note = element("div", { class: `toast-note tone-${tone}`, role: tone === "danger" ? "alert" : "status", "data-toast": "" });
  note.append(icon(ICONS[tone] ?? ICONS.info), element("div", { class: "toast-text" }, text));
  if (undo) note.append(undoForm(undo));
  const close = element("button", { class: "toast-close", type: "button", "aria-label": "Dismiss", "data-toast-close": "" });
  close.append(icon("x"));
  note.append(close);
  region.append(note);
  leaveLater(note);
}

function undoForm(path) {
  const hidden = (name, value) => element("input", { name, value, type: "hidden" });
  return element(
    "form",
    { method: "post", action: path },
    hidden("csrf_token", csrfToken()),
    hidden("idempotency_key", crypto.randomUUID?.() ?? String(Date.now())),
    element("button", { class: "btn btn-sm btn-outline-primary" }, "Undo"),
  );
}

// What went wrong, and what can still be undone, stays until it is dismissed.
function leaveLater(note) {
  if (note.querySelector("form") || note.classList.contains("tone-danger")) return;
  setTimeout(() => leave(note), STAY_MS);
}

function leave(note) {
  if (note.matches(":hover, :focus-within")) return setTimeout(() => leave(note), STAY_MS / 3);
  note.dataset.leaving = "";
  setTimeout(() => note.remove(), 250);
}

export function startToasts() {
  document.querySelectorAll("[data-toast]").forEach(leaveLater);
  on("click", "[data-toast-close]", (_, button) => button.closest("[data-toast]").remove());
  document.addEventListener("toast", (event) => toast(event.detail ?? {}));
}
