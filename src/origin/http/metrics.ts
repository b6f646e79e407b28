// What Prometheus reads at /metrics, with a token of the scope "read": behind a proxy every request seems to come from
// loopback, so where it comes from says nothing. Routes are labels by their pattern, never by what a client made up.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { FastifyInstance } from "fastify";
import { ORIGIN_METRICS_RELEASES_MAX } from "../../core/index.ts";
import { authorize } from "../access/authorize.ts";
import { refOf } from "../domain.ts";
import type { OriginParts } from "../origin-parts.ts";
import type { Door } from "./payload-routes.ts";
import type { Transfers } from "./transfers.ts";

export interface Metrics {
  readonly sent: (door: Door, bytes: number) => void;
}

type MetricsParts = Pick<OriginParts, "catalogue" | "swarms">;

/** Seconds: a page, a search, a slow disk, a download. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

export function registerMetrics(app: FastifyInstance, parts: MetricsParts, transfers: Transfers): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: "upswarm_http_request_duration_seconds",
    help: "Answered requests, by route, method and status.",
    labelNames: ["route", "method", "status"] as const,
    buckets: BUCKETS,
    registers,
  });
  const sentBytes = new Counter({
    name: "upswarm_http_payload_sent_bytes_total",
    help: "Payload that left by HTTP, to web-seed clients and directly.",
    labelNames: ["door"] as const,
    registers,
  });
  gauge(registry, "upswarm_http_connections", "Open connections.", async () => await connectionsOf(app));
  gauge(registry, "upswarm_http_downloads", "Downloads under way.", () => Promise.resolve(transfers.count));
  gauge(registry, "upswarm_releases", "Releases, withdrawn ones included.", async () =>
    (await parts.catalogue.products()).reduce((sum, { releaseCount }) => sum + releaseCount, 0),
  );
  swarmGauges(registry, parts);
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    durations.observe({ route, method: request.method, status: reply.raw.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  app.get("/metrics", async (request, reply) => {
    await authorize(request, "read");
    return reply
      .header("Cache-Control", "no-store")
      .type(registry.contentType)
      .send(await registry.metrics());
  });
  return { sent: (door, bytes) => sentBytes.inc({ door }, bytes) };
}

function gauge(registry: Registry, name: string, help: string, read: () => Promise<number>): void {
  const value: Gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect: async () => value.set(await read()),
  });
}

function connectionsOf(app: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

/** Of the newest releases. One look serves all of a scrape. */
function swarmGauges(registry: Registry, { catalogue, swarms }: MetricsParts): void {
  const labelNames = ["release"] as const;
  const registers = [registry];
  const downloading = new Gauge({
    name: "upswarm_swarm_downloading",
    help: "Machines that download.",
    labelNames,
    registers,
  });
  const completed = new Gauge({
    name: "upswarm_swarm_completed",
    help: "Machines that have announced that they have all of it.",
    labelNames,
    registers,
  });
  const sent = new Gauge({
    name: "upswarm_swarm_origin_sent_bytes",
    help: "Payload that this origin sent, by seed, web seed and directly.",
    labelNames: ["release", "door"] as const,
    registers,
  });
  const seeds: Gauge<"release"> = new Gauge({
    name: "upswarm_swarm_seeds",
    help: "Machines that have all of it and are there.",
    labelNames,
    registers,
    collect: async () => {
      for (const one of [seeds, downloading, completed, sent]) one.reset();
      for (const release of await catalogue.recent(ORIGIN_METRICS_RELEASES_MAX)) {
        const live = await swarms.live(release);
        const label = { release: refOf(release) };
        seeds.set(label, live.seeds);
        downloading.set(label, live.downloading);
        completed.set(label, live.traffic.completed);
        sent.set({ ...label, door: "seed" }, live.traffic.seedBytes);
        sent.set({ ...label, door: "web-seed" }, live.traffic.webSeedBytes);
        sent.set({ ...label, door: "direct" }, live.traffic.directBytes);
      }
    },
  });
}
