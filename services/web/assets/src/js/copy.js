// A button that copies what a field holds: [data-copy] names the field. Without a clipboard there is no button.
import { on } from "./dom.js";
import { toast } from "./toasts.js";

export function startCopy() {
  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  }
  on("click", "[data-copy]", async (_, button) => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
      toast({ tone: "success", text: "Copied." });
    } catch {
      field.select();
      toast({ tone: "warning", text: "It could not be copied. It is selected: copy it by hand." });
    }
  });
  on("focusin", "[data-copy-source]", (_, field) => field.select());
}
