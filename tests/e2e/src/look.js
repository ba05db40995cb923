// What a person sees of a page. Put before each script of the harness.
const even = (text) => (text ?? "").replace(/\s+/g, " ").trim();
const isShown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const shownText = () => even(document.body.innerText);

// What an element is called: its label, or its own words.
const nameOf = (element) => even(element.getAttribute("aria-label") ?? element.innerText);

function fields(label) {
  const inside = "input:not([type=hidden]), select, textarea";
  const isNamed = (field) =>
    nameOf(field) === label || [...(field.labels ?? [])].some((one) => even(one.innerText).replace(/ ?optional$/, "") === label);
  const named = (field) => (field.hasAttribute("aria-label") ? even(field.getAttribute("aria-label")) === label : isNamed(field));
  return [...document.querySelectorAll(inside)].filter(named);
}

function buttons(words) {
  const all = [...document.querySelectorAll("button, a[href], summary, input[type=submit], label.choice")];
  // The page itself comes before the frame around it, and its buttons before its links.
  const rank = (button) => (button.closest("main") ? 0 : 2) + (button.matches("a") ? 1 : 0);
  all.sort((one, other) => rank(one) - rank(other));
  const exact = all.filter((button) => nameOf(button) === words);
  return exact.length ? exact : all.filter((button) => nameOf(button).startsWith(words));
}

function find(kind, words, nth) {
  // Behind a question that waits for its answer nothing can be reached.
  const question = document.querySelector("dialog:modal");
  const isReachable = (one) => isShown(one) && (!question || question.contains(one));
  const found = (kind === "field" ? fields(words) : buttons(words)).filter(isReachable);
  const one = found[nth];
  one?.scrollIntoView({ block: "center" });
  return one ?? null;
}

function choose(field, words) {
  const option = [...field.options].find((one) => even(one.textContent) === words);
  if (!option) return false;
  field.value = option.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

// What no page may have, whatever it shows.
function faults() {
  const found = [];
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
    found.push(`it is ${page.scrollWidth} wide on ${innerWidth}, for ${wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 120))}`);
  }
  const titles = document.querySelectorAll("h1").length;
  if (titles !== 1) found.push(`${titles} main headings`);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`two elements with the id ${id}`);
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (isShown(field) && !field.labels?.length && !field.getAttribute("aria-label")) found.push(`no label: ${field.outerHTML.slice(0, 120)}`);
  }
  for (const button of document.querySelectorAll("button, a[href]")) {
    if (isShown(button) && !nameOf(button) && !button.querySelector("img[alt]")) found.push(`no words: ${button.outerHTML.slice(0, 120)}`);
  }
  return found;
}

async function settled() {
  const frame = () => new Promise(requestAnimationFrame);
  await document.fonts.ready;
  await frame();
  await Promise.allSettled(document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations < Infinity).map((one) => one.finished));
  await frame();
}

// What shuts people out, by the rules of WCAG 2.1 A and AA. Axe is on the page by now.
async function barriers() {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, html }) => `${id} (${help}): ${target.join(" ")}, ${html.slice(0, 120)}`));
}
