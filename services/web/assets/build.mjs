// npm run build: src/ -> dist/, every file under a hashed name, precompressed, listed in manifest.json.
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Output } from "./build/files.mjs";
import { sprite } from "./build/icons.mjs";
import { tabler } from "./build/styles.mjs";

const root = new URL("./", import.meta.url);
const templates = new URL("../templates/", root);
const fresh = new URL("dist.new/", root);
const dist = new URL("dist/", root);
const path = (name) => fileURLToPath(new URL(name, root));

const shared = {
  absWorkingDir: fileURLToPath(root),
  bundle: true,
  write: false,
  minify: true,
  legalComments: "none",
  target: ["chrome123", "firefox121", "safari17.5"], // what light-dark() asks for
  logLevel: "warning",
};

async function script(entry) {
  const result = await build({ ...shared, entryPoints: [path(entry)], format: "iife", outdir: path("dist.new") });
  return result.outputFiles[0].contents;
}

async function styles(output) {
  const result = await build({
    ...shared,
    entryPoints: [path("src/css/app.css")],
    loader: { ".woff2": "file" },
    assetNames: "[name]",
    outdir: path("dist.new"),
    external: ["data:*"],
  });
  let css = result.outputFiles.find((file) => file.path.endsWith(".css")).text;
  for (const font of result.outputFiles.filter((file) => file.path.endsWith(".woff2"))) {
    const name = basename(font.path);
    css = css.replaceAll(`./${name}`, await output.add(name, font.contents));
  }
  return css;
}

async function main() {
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const output = new Output(fresh);
  await tabler(root, templates);
  await output.add("app.css", await styles(output));
  await output.add("app.js", await script("src/js/app.js"));
  await output.add("theme.js", await script("src/js/theme.js"));
  await output.add("icons.svg", await sprite(root, templates));
  const favicon = await output.add("favicon.svg", await readFile(path("src/icons/logo.svg")));
  const webmanifest = JSON.parse(await readFile(path("src/site.webmanifest"), "utf8"));
  for (const icon of webmanifest.icons) icon.src = favicon;
  await output.add("site.webmanifest", JSON.stringify(webmanifest));
  await output.finish();
  // Swapped at the end, so that a build that fails leaves the last good one.
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
  report(output.sizes);
}

function report(sizes) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
  let total = 0;
  for (const [name, { raw, sent }] of Object.entries(sizes)) {
    console.log(`${name.padEnd(38)}${kilobytes(raw)}${kilobytes(sent)} sent`);
    if (!name.includes("latin-ext")) total += sent;
  }
  console.log(`${"first visit, all of it".padEnd(48)}${kilobytes(total)} sent`);
}

await main();
