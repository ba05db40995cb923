// One SVG sprite of the icons that are really used.
import { readFile, readdir } from "node:fs/promises";
import { walk } from "./files.mjs";

const NAMED = /\bicon\(\s*"([a-z0-9-]+)"|\b\w*icon\s*=\s*"([a-z0-9-]+)"/g;

/** Icon names: the list, and every `icon("name")` and `icon="name"` in the templates. */
async function names(root, templates) {
  const listed = (await readFile(new URL("src/icons.txt", root), "utf8")).split("\n").filter((line) => line && !line.startsWith("#"));
  const found = new Set(listed);
  for (const file of await walk(templates, ".html")) {
    for (const [, call, named] of (await readFile(file, "utf8")).matchAll(NAMED)) found.add(call ?? named);
  }
  return [...found].sort();
}

export async function sprite(root, templates) {
  const own = await readdir(new URL("src/icons/", root));
  const symbols = [];
  const missing = [];
  for (const name of await names(root, templates)) {
    if (own.includes(`${name}.svg`)) continue;
    try {
      symbols.push(symbol(name, await readFile(new URL(`node_modules/@tabler/icons/icons/outline/${name}.svg`, root), "utf8")));
    } catch {
      missing.push(name);
    }
  }
  if (missing.length > 0) throw new Error(`no such icons in @tabler/icons (outline): ${missing.join(", ")}`);
  for (const file of own) {
    symbols.push(symbol(file.replace(".svg", ""), await readFile(new URL(`src/icons/${file}`, root), "utf8")));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

function symbol(name, svg) {
  const box = svg.match(/viewBox="([^"]+)"/)[1];
  const inner = svg
    .slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"))
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="${box}">${inner}</symbol>`;
}
