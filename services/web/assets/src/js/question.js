// "Are you sure?" as a native dialog: focus is kept inside, Escape says no.
import { element } from "./dom.js";

/** Asks, and resolves to whether the answer was yes. `text` may carry a title before a "|". */
export function ask(text, yes = "Continue") {
  const [first, second] = text.split("|").map((part) => part.trim());
  const title = second ? first : "Are you sure?";
  const dialog = element("dialog", { class: "sheet question", "aria-labelledby": "question-title" });
  const form = element(
    "form",
    { method: "dialog" },
    element("h2", { id: "question-title" }, title),
    element("p", {}, second ?? first),
    element(
      "div",
      { class: "question-actions" },
      element("button", { class: "btn", value: "no", autofocus: "" }, "Keep it as it is"),
      element("button", { class: "btn btn-danger", value: "yes" }, yes),
    ),
  );
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    const answer = (agreed) => {
      dialog.close(); // gives the focus back
      dialog.remove();
      resolve(agreed);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(event.submitter?.value === "yes");
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer(false);
    });
  });
}
