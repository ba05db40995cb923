// The server writes UTC; people read their own clock.
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const MINUTE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function startMoments() {
  localise(document);
  document.addEventListener("htmx:after:swap", () => localise(document));
}

function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.textContent = (time.dataset.local === "day" ? DAY : MINUTE).format(moment);
    time.title = time.dateTime;
    time.removeAttribute("data-local");
  }
}
