// Finding files, and writing them under a name that changes with their content.
import { createHash } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);
const ALREADY_COMPRESSED = /\.woff2$/;

export async function walk(folder, extension) {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder;
  const found = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) found.push(...(await walk(child, extension)));
    else if (entry.name.endsWith(extension)) found.push(child);
  }
  return found.sort();
}

export class Output {
  #folder;
  #manifest = {};
  sizes = {};

  constructor(folder) {
    this.#folder = fileURLToPath(folder);
  }

  /** Writes `app.css` as `app.<hash>.css`, with .br and .gz beside it; answers its address. */
  async add(logical, content) {
    const bytes = Buffer.from(content);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    const name = logical.replace(/(\.\w+)$/, `.${hash}$1`);
    await mkdir(this.#folder, { recursive: true });
    await writeFile(join(this.#folder, name), bytes);
    let sent = bytes.length;
    if (!ALREADY_COMPRESSED.test(name)) {
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
      const brotli = await compressBrotli(bytes, { params });
      await writeFile(join(this.#folder, `${name}.br`), brotli);
      await writeFile(join(this.#folder, `${name}.gz`), await compressGzip(bytes, { level: 9 }));
      sent = brotli.length;
    }
    this.#manifest[logical] = name;
    this.sizes[logical] = { raw: bytes.length, sent };
    return `/assets/${name}`;
  }

  async finish() {
    const sorted = Object.fromEntries(Object.entries(this.#manifest).sort());
    await writeFile(join(this.#folder, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
  }
}
