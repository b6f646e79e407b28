// Styles and scripts of the pages: the files of web/ and uPlot's, read once at the start. Their addresses hold a hash of
// all of them (/assets/HASH/site.css), so that they are kept for ever and a module that imports its neighbour gets the
// neighbour of the same release of the site. An address with another hash, from a page that was drawn before an upgrade,
// gets today's file, to be asked for again next time.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The folder of the site's own style sheet. */
const STYLES = "site";

interface Asset {
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

interface Assets {
  readonly hash: string;
  readonly byName: ReadonlyMap<string, Asset>;
}

let loaded: Assets | null = null;

/** Where a page finds the style, script or picture. */
export function assetPath(name: string): string {
  return `/assets/${assets().hash}/${name}`;
}

export function registerAssets(app: FastifyInstance): void {
  const { hash, byName } = assets();
  app.get<{ Params: { hash: string; name: string } }>("/assets/:hash/:name", (request, reply) => {
    const asset = byName.get(request.params.name);
    if (asset === undefined) return reply.callNotFound();
    const isCurrent = request.params.hash === hash;
    reply.header("Cache-Control", isCurrent ? "public, max-age=31536000, immutable" : "no-cache");
    reply.header("ETag", asset.etag).header("Vary", "Accept-Encoding").type(asset.contentType);
    if (request.headers["if-none-match"] === asset.etag) return reply.code(304).send();
    if (!/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) return reply.send(asset.bytes);
    return reply.header("Content-Encoding", "gzip").send(asset.gzipped);
  });
}

function assets(): Assets {
  loaded ??= loadAssets();
  return loaded;
}

function loadAssets(): Assets {
  const web = webFolder();
  const require = createRequire(import.meta.url);
  const sources: readonly (readonly [name: string, bytes: Buffer])[] = [
    ["site.css", joined(join(web, STYLES))],
    ...readdirSync(web)
      .filter((name) => name !== STYLES)
      .map((name) => [name, readFileSync(join(web, name))] as const),
    ["uplot.js", readFileSync(require.resolve("uplot/dist/uPlot.esm.js"))],
    ["uplot.css", readFileSync(require.resolve("uplot/dist/uPlot.min.css"))],
  ];
  const all = createHash("sha256");
  const byName = new Map<string, Asset>();
  for (const [name, bytes] of sources.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const digest = createHash("sha256").update(bytes).digest("base64url");
    all.update(`${name} ${digest}\n`);
    // Weak, since it is one tag for both encodings and a strong one names the very bytes.
    byName.set(name, {
      contentType,
      bytes,
      gzipped: gzipSync(bytes, { level: 9 }),
      etag: `W/"${digest.slice(0, 22)}"`,
    });
  }
  return { hash: all.digest("base64url").slice(0, 12), byName };
}

/** One style sheet of many files, in the order of their names. */
function joined(folder: string): Buffer {
  const names = readdirSync(folder).toSorted();
  return Buffer.concat(names.map((name) => readFileSync(join(folder, name))));
}

/** Upwards from here, since sources, the built library and the bundled command line lie at different depths. */
function webFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const web = join(folder, "web");
    if (existsSync(join(web, STYLES))) return web;
  }
  throw new Error("The styles and scripts of the site (web/) are not where this program is.");
}
