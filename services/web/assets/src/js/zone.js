// The device knows its time zone; the server is told at sign-up, and on request.
import { on } from "./dom.js";

const ZONE = (() => {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  } catch {
    return "";
  }
})();

export function startZone() {
  for (const field of document.querySelectorAll("[data-zone]")) field.value = ZONE;
  const offer = document.querySelector("[data-zone-here]");
  const select = document.querySelector("select[name=timezone]");
  const isKnown = select && [...select.options].some((option) => option.value === ZONE);
  if (!offer || !isKnown) return;
  const show = () => {
    offer.hidden = select.value === ZONE;
  };
  offer.querySelector("span").textContent = `Take this device's: ${ZONE.replaceAll("_", " ")}`;
  show();
  select.addEventListener("change", show);
  on("click", "[data-zone-here] button", () => {
    select.value = ZONE;
    show();
    select.focus();
  });
}
