// A process of the bench `pages`; prints its port. `site FOLDER`: the origin in that folder, as `upswarm serve` has it but for
// two limits that would stop a single load generator; what they cost is still paid. `bare FILE`: Fastify alone, with one
// route that sends the text of that file.

import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { systemClock } from "../src/core/index.ts";
import { serveOrigin } from "../src/origin/index.ts";
import { PAGE_PATH } from "./bench-origin.ts";

const [mode = "", place = ""] = process.argv.slice(2);
const listen = { host: "127.0.0.1", port: 0 };

if (mode === "bare") {
  const app = fastify();
  const page = readFileSync(place, "utf8");
  app.get(PAGE_PATH, (_, reply) => reply.type("text/html; charset=utf-8").send(page));
  await app.listen(listen);
  console.log((app.server.address() as AddressInfo).port);
} else {
  const { http } = await serveOrigin({
    path: place,
    http: listen,
    tls: null,
    listen,
    trackerHttp: [listen],
    trackerUdp: [listen],
    maxUploadRate: null,
    clientName: "bench",
    clock: systemClock,
    limits: { pagesPerMinute: 1e9, connectionsPerAddressMax: 20_000 },
  });
  console.log(http.port);
}
