// Ordinary forms made safer: one submit per click, a question before what can't be taken back, focus on the first error.
import { on } from "./dom.js";
import { ask } from "./question.js";

export function startForms() {
  document.addEventListener("submit", confirmFirst, true);
  document.addEventListener("submit", submitOnce);
  // A page from the back-forward cache still carries the buttons that were switched off when it was left.
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
  });
  document.addEventListener("htmx:finally:request", ({ detail }) => {
    const form = detail.ctx.request.form;
    if (form) release(form);
  });
  on("change", "[data-submit-on-change]", (_, field) => field.form?.requestSubmit());
  document.querySelector("[aria-invalid='true']")?.focus();
}

async function confirmFirst(event) {
  const form = event.target;
  const asking = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!asking || form.dataset.confirmed === "yes") return;
  event.preventDefault();
  event.stopPropagation();
  const { submitter } = event;
  const yes = submitter?.dataset.confirmYes ?? form.dataset.confirmYes ?? submitter?.textContent.trim();
  if (!(await ask(asking, yes))) return;
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter ?? undefined);
  delete form.dataset.confirmed;
}

function submitOnce(event) {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  // After this turn: a disabled button would not be part of what is sent.
  setTimeout(() => {
    if (event.defaultPrevented && !form.hasAttribute("data-htmx-powered")) return;
    form.dataset.sent = "";
    for (const button of buttons(form)) button.setAttribute("aria-busy", "true");
  });
}

function release(form) {
  delete form.dataset.sent;
  for (const button of buttons(form)) button.removeAttribute("aria-busy");
}

function buttons(form) {
  return [...form.elements].filter((field) => field.type === "submit");
}
