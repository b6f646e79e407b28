// What Prometheus reads at /metrics, with a token of the scope "read": behind a proxy every request seems to come from
// loopback, so where it comes from says nothing. Routes are labels by their pattern, never by what a client made up.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { FastifyInstance } from "fastify";
import { ORIGIN_METRICS_RELEASES_MAX } from "../../core/index.ts";
import { authorize } from "../access/authorize.ts";
import { refOf } from "../domain.ts";
import type { OriginParts } from "../origin-parts.ts";
import type { Sort } from "./payload-routes.ts";
import type { Transfers } from "./transfers.ts";

export interface Metrics {
  readonly sent: (what: Sort, bytes: number) => void;
}

type MetricsParts = Pick<OriginParts, "catalogue" | "swarms">;

/** Seconds: a page, a search, a slow disk, a download. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

/** At the root, so that answers outside of any part (404) are counted as well. */
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
  const paddingBytes = new Counter({
    name: "upswarm_http_padding_sent_bytes_total",
    help: "Zeros that left by HTTP: pad files, which v1 clients of the web seed ask for.",
    registers,
  });
  const gauges = createGauges(registers);
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    durations.observe({ route, method: request.method, status: reply.raw.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  app.get("/metrics", async (request, reply) => {
    await authorize(request, "read");
    gauges.connections.set(await connectionsOf(app));
    gauges.downloads.set(transfers.count);
    await lookAtReleases(gauges, parts);
    return reply
      .header("Cache-Control", "no-store")
      .type(registry.contentType)
      .send(await registry.metrics());
  });
  return {
    sent: (what, bytes) => (what === "padding" ? paddingBytes.inc(bytes) : sentBytes.inc({ door: what }, bytes)),
  };
}

interface Gauges {
  readonly connections: Gauge;
  readonly downloads: Gauge;
  readonly releases: Gauge;
  readonly seeds: Gauge<"release">;
  readonly downloading: Gauge<"release">;
  readonly completed: Gauge<"release">;
  readonly sent: Gauge<"release" | "door">;
}

function createGauges(registers: Registry[]): Gauges {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name: `upswarm_${name}`, help, labelNames, registers });
  return {
    connections: gauge("http_connections", "Open connections."),
    downloads: gauge("http_downloads", "Downloads under way."),
    releases: gauge("releases", "Releases, withdrawn ones included."),
    seeds: gauge("swarm_seeds", "Machines that have all of it and are there.", "release"),
    downloading: gauge("swarm_downloading", "Machines that download.", "release"),
    completed: gauge("swarm_completed", "Machines that announced that they have all of it.", "release"),
    sent: gauge("swarm_origin_sent_bytes", "Payload that this origin sent, by door.", "release", "door"),
  };
}

/** The swarms of the newest only. */
async function lookAtReleases(gauges: Gauges, { catalogue, swarms }: MetricsParts): Promise<void> {
  const products = await catalogue.products();
  gauges.releases.set(products.reduce((sum, { releaseCount }) => sum + releaseCount, 0));
  for (const one of [gauges.seeds, gauges.downloading, gauges.completed, gauges.sent]) one.reset();
  for (const ref of await catalogue.recent(ORIGIN_METRICS_RELEASES_MAX)) {
    const { seeds, downloading, traffic } = await swarms.live(ref);
    const release = refOf(ref);
    gauges.seeds.set({ release }, seeds);
    gauges.downloading.set({ release }, downloading);
    gauges.completed.set({ release }, traffic.completed);
    gauges.sent.set({ release, door: "seed" }, traffic.seedBytes);
    gauges.sent.set({ release, door: "web-seed" }, traffic.webSeedBytes);
    gauges.sent.set({ release, door: "direct" }, traffic.directBytes);
  }
}

function connectionsOf(app: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
