// Repeated lines in a form. Markup: see templates/parts/form.html.
import { on } from "./dom.js";

export function startLines() {
  on("click", "[data-line-add]", (_, button) => {
    const lines = button.closest("[data-lines]");
    const list = lines.querySelector("[data-line-list]");
    list.append(lines.querySelector("template").content.cloneNode(true));
    list.lastElementChild.querySelector("input, select, textarea")?.focus();
  });
  on("click", "[data-line-remove]", (_, button) => {
    const line = button.closest("[data-line]");
    const neighbour = line.nextElementSibling ?? line.previousElementSibling;
    if (!neighbour) return clear(line); // the last line is emptied, not taken away
    line.remove();
    neighbour.querySelector("input, select, textarea")?.focus();
  });
  // Enter in the last line's last field means "and another".
  on("keydown", "[data-line] input", (event, field) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    const add = field.closest("[data-lines]").querySelector("[data-line-add]");
    if (add && !field.closest("[data-line]").nextElementSibling) {
      event.preventDefault();
      add.click();
    }
  });
}

function clear(line) {
  for (const field of line.querySelectorAll("input, textarea")) field.value = "";
  for (const field of line.querySelectorAll("select")) field.selectedIndex = 0;
  line.querySelector("input, select")?.focus();
}
