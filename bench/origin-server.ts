// A process of the benches `pages` and `downloads`: an origin with one release, or a bare Fastify that sends the same page.
// Prints its port. Limits that would stop a single load generator are raised; what they cost is still paid.

import { symlinkSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { refOf } from "../src/origin/domain.ts";
import { fakeOrigin, sampleRelease } from "../src/origin/http/fake-origin.test.ts";
import { html } from "../src/origin/site/html.ts";
import { layout } from "../src/origin/site/layout.ts";

process.once("SIGTERM", () => process.exit());
const [mode = "", file = ""] = process.argv.slice(2);

/** As long as a release's page. */
const page = layout({
  site: { title: "Updates", publicUrl: "https://updates.example" },
  title: "tool 1.0",
  path: "/tool/1.0",
  body: html`<h1>tool 1.0</h1>
    ${Array.from({ length: 60 }, (_, index) => html`<p>Line ${index}: what a page says about one file, its hash, its size.</p>`)}`,
});

function addPage(app: FastifyInstance): void {
  app.get("/:product/:version", (_, reply) => reply.type("text/html; charset=utf-8").send(page));
}

async function listen(app: FastifyInstance): Promise<void> {
  await app.listen({ host: "127.0.0.1", port: 0, backlog: 4096 });
  console.log((app.server.address() as AddressInfo).port);
}

if (mode === "bare") {
  const app = fastify();
  addPage(app);
  await listen(app);
} else {
  const limits = { pagesPerMinute: 1e9, connectionsPerAddressMax: 20_000 };
  const origin = await fakeOrigin({ plugins: [addPage], limits });
  const release = sampleRelease({ lengthBytes: file === "" ? 0 : statSync(file).size });
  origin.catalogue.all.set(refOf(release), release);
  if (file !== "") {
    const folder = join(origin.payloads.folder, release.product, release.version);
    await mkdir(folder, { recursive: true });
    symlinkSync(file, join(folder, release.name));
  }
  await listen(origin.app);
}
