// Tabler without the parts that BatchTrack does not have.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { PurgeCSS } from "purgecss";
import { walk } from "./files.mjs";

// A page written tomorrow should find the everyday vocabulary even before the assets are built again.
const VOCABULARY = [
  /^(row|col|container)(-|$)/,
  /^g[xy]?-[0-6]$/,
  /^[mp][tbsexy]?-(auto|[0-6])$/,
  /^(m|p)[tbsexy]?-(sm|md|lg)-(auto|[0-5])$/,
  /^d-(none|block|inline|inline-block|flex|inline-flex|grid)$/,
  /^d-(sm|md|lg|xl)-(none|block|flex|inline-flex|inline-block|grid|table-cell)$/,
  /^d-print-/,
  /^(flex|justify-content|align-items|align-self|order|gap|row-gap|column-gap)-(?!(sm|md|lg|xl|xxl)-)/,
  /^(flex|justify-content|align-items)-(sm|md|lg)-/,
  /^[wh]-(25|50|75|100|auto)$/,
  /^(text|fw|fs)-(start|end|center|muted|secondary|reset|body|danger|success|warning|info|primary|nowrap|break|wrap|truncate|uppercase|capitalize|bold|medium|normal|semibold|[1-6]|h[1-6])$/,
  /^(border|rounded|shadow)(-(0|top|bottom|start|end|sm|lg|none|circle|pill|dashed))?$/,
  /^(position|overflow|sticky|top|float)-(relative|absolute|sticky|auto|hidden|top|0|start|end)$/,
  /^btn(-(primary|secondary|danger|success|warning|outline-primary|outline-secondary|outline-danger|ghost-primary|ghost-secondary|ghost-danger|link|sm|lg|icon|list|close|group))?$/,
  /^card(-(header|title|subtitle|body|footer|sm|md|table|actions|options|link|stacked))?$/,
  /^(form|input)-(label|control|select|check|check-input|check-label|switch|hint|group|group-text|fieldset|text|control-sm|select-sm|range)$/,
  /^(input-group|is-invalid|is-valid|invalid-feedback|required)$/,
  /^(table|badge|list-group|dropdown|alert|accordion|progress|datagrid|steps|step|timeline|placeholder|divide)(-(responsive|sm|vcenter|nowrap|striped|hover|item|flush|menu|divider|header|action|title|content|body|bar|danger|success|warning|info|horizontal|y|x|button|collapse))*$/,
  /^(hr|hr-text|lead|small|subheader|visually-hidden|visually-hidden-focusable|stretched-link|list-unstyled|list-inline|list-inline-item|vr|active|disabled|show|spinner-border|spinner-border-sm)$/,
  /^icon(-(sm|inline))?$/,
];

export async function tabler(root, templates) {
  const css = await readFile(new URL("node_modules/@tabler/core/dist/css/tabler.css", root), "utf8");
  const used = [...(await walk(templates, ".html")), ...(await walk(new URL("src/js/", root), ".js"))];
  const [{ css: kept }] = await new PurgeCSS().purge({
    content: used,
    css: [{ raw: css }],
    safelist: { standard: VOCABULARY, variables: [/^--tblr-(?!(facebook|twitter|linkedin|google|youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler|x)\b)/] },
    dynamicAttributes: ["data-bs-theme", "type", "disabled", "readonly", "multiple", "size", "list", "open", "hidden"],
    keyframes: true,
    fontFace: true,
    variables: true,
    // Attribute selectors in Tabler's navigation theming would keep whole families alive.
    blocklist: [/^navbar/, /^theme-dark$/, /^carousel/, /^ribbon/, /^offcanvas/],
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
  });
  await mkdir(new URL(".cache/", root), { recursive: true });
  await writeFile(new URL(".cache/tabler.css", root), kept);
}
