// The menu in the top bar: light, dark or what the system says.
import { on } from "./dom.js";

function current() {
  try {
    return localStorage.getItem("theme") ?? "system";
  } catch {
    return "system";
  }
}

function mark() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    const state = button.hasAttribute("role") ? "aria-checked" : "aria-pressed";
    button.setAttribute(state, String(button.dataset.themeChoice === current()));
  }
}

export function startThemeMenu() {
  mark();
  on("click", "[data-theme-choice]", (_, button) => {
    try {
      localStorage.setItem("theme", button.dataset.themeChoice);
    } catch {
      // Storage is blocked: nothing to remember it in.
    }
    document.dispatchEvent(new CustomEvent("theme:change"));
    mark();
    button.closest("details")?.removeAttribute("open");
  });
}
