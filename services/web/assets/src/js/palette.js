// Ctrl/Cmd+K: every page and action by name, every item by search. `/` goes to the page's own search field.
import { element, icon, on } from "./dom.js";

const SEARCH_AFTER_MS = 120;
const SHORTEST_QUERY = 2; // the search answers nothing below this

export function startPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[data-palette-list]");
  const canSearch = dialog.hasAttribute("data-palette-search");
  let timer = 0;
  let asked = 0;

  const open = () => {
    if (dialog.open) return;
    field.value = "";
    render([]);
    dialog.showModal();
    field.focus();
  };

  const commands = () =>
    [...document.querySelectorAll("[data-command]")]
      .map((link) => ({
        text: link.dataset.command || link.textContent.trim(),
        href: link.href,
        icon: link.dataset.commandIcon || "arrow-right",
        group: link.dataset.commandGroup || "Go to",
      }))
      .filter((command, at, all) => all.findIndex((other) => other.href === command.href) === at);

  function render(found) {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = commands().filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
    const rows = [...matching, ...found];
    list.replaceChildren();
    let group = "";
    rows.forEach((row, at) => {
      if (row.group !== group) {
        group = row.group;
        list.append(element("li", { class: "palette-group", role: "presentation" }, group));
      }
      const link = element("a", { class: "palette-item", href: row.href, role: "option", id: `palette-${at}`, tabindex: "-1" });
      link.append(icon(row.icon), element("span", {}, row.text));
      if (row.hint) link.append(element("small", {}, row.hint));
      list.append(element("li", { role: "presentation" }, link));
    });
    if (rows.length === 0) list.append(element("li", { class: "palette-none" }, "Nothing found. Try fewer letters."));
    select(0);
  }

  const options = () => [...list.querySelectorAll("[role=option]")];
  const selected = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

  function select(at) {
    const all = options();
    all.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    all[at]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[at]?.id ?? "");
  }

  async function search() {
    const query = field.value.trim();
    if (!canSearch || query.length < SHORTEST_QUERY) return;
    const mine = ++asked;
    try {
      const response = await fetch(`/inventory/api/search?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } });
      if (!response.ok) return;
      const { results = [] } = await response.json();
      if (mine !== asked || !dialog.open) return; // a newer question is on its way
      render(
        results
          .filter((result) => result.id !== null && result.source !== "global")
          .map((result) => ({ text: result.text, href: `/inventory/view/${result.id}`, icon: "package", group: "Stock", hint: result.type })),
      );
    } catch {
      // Offline: the commands are still there.
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    asked += 1;
    render([]);
    timer = setTimeout(search, SEARCH_AFTER_MS);
  });
  field.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (all.length) select((selected() + step + all.length) % all.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      all[selected()]?.click();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  on("click", "[data-palette-open]", (event) => {
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
      event.preventDefault();
      const search = document.querySelector("[data-search]");
      if (search) search.focus();
      else open();
    }
  });
}

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable], dialog[open]") != null;
}
