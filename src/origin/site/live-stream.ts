// The live numbers of a release's swarm as server-sent events at /live/PRODUCT/VERSION: `swarm` with the figures as they
// are shown and the samples that are new to this reader, `withdrawn` when the release is withdrawn while he looks.
//
// Invariant: a reader costs one subscription and at most SITE_LIVE_UNREAD_BYTES_MAX of memory, and costs nothing more once
// he is gone or the server closes. There is no replay by id: whoever comes back gets the whole history anew.

import { PassThrough } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { SITE_LIVE_HEARTBEAT_MS, SITE_LIVE_UNREAD_BYTES_MAX } from "../../core/index.ts";
import type { LiveSwarm, Release } from "../domain.ts";
import type { OriginParts } from "../origin-parts.ts";
import { ListenerQuota } from "./listener-quota.ts";
import { figureSamples, swarmFigures } from "./swarm-figures.ts";

type Parts = Pick<OriginParts, "catalogue" | "swarms" | "log">;
type Addressed = FastifyRequest<{ Params: { product: string; version: string } }>;

export function registerLiveStream(app: FastifyInstance, parts: Parts): void {
  const quota = new ListenerQuota();
  const readers = new Set<LiveReader>();
  // Fastify waits for answers to end before it closes; these would never.
  app.addHook("preClose", async () => {
    for (const reader of readers) reader.end();
  });
  // No HEAD: it would subscribe and send nothing.
  app.get("/live/:product/:version", { exposeHeadRoute: false }, async (request: Addressed, reply) => {
    const release = await parts.catalogue.release(request.params);
    if (release === null) return reply.callNotFound();
    reply.header("Cache-Control", "no-store");
    if (release.withdrawal !== null) {
      const status = release.withdrawal.kind === "legal" ? 451 : 410;
      return reply.code(status).type("text/plain").send("This release was withdrawn.\n");
    }
    const place = quota.take(request.ip);
    if (typeof place === "string") return refuse(reply, place);
    const live = await parts.swarms.live(release).catch((error: unknown) => {
      place.release();
      throw error;
    });
    const reader = new LiveReader(parts, release, live);
    readers.add(reader);
    reader.stream.once("close", () => {
      readers.delete(reader);
      place.release();
    });
    // A proxy that gathers the answer before it passes it on would make it a recording.
    return reply.header("X-Accel-Buffering", "no").type("text/event-stream; charset=utf-8").send(reader.stream);
  });
}

function refuse(reply: FastifyReply, full: "all" | "address"): FastifyReply {
  const [status, text] =
    full === "all" ? [503, "Too many readers of live numbers.\n"] : [429, "Too many readers of your address.\n"];
  return reply.code(status).header("Retry-After", "60").type("text/plain").send(text);
}

class LiveReader {
  /** Destroyed by Fastify when the client goes. */
  readonly stream: PassThrough = new PassThrough();
  readonly #parts: Parts;
  readonly #release: Release;
  #sentUpTo = -Infinity;

  constructor(parts: Parts, release: Release, live: LiveSwarm) {
    this.#parts = parts;
    this.#release = release;
    this.#write("retry: 5000\n\n");
    this.#sendSwarm(live);
    const unsubscribe = parts.swarms.subscribe(release, (news) => {
      this.#news(news).catch((error: unknown) => this.stream.destroy(error as Error));
    });
    const heartbeat = setInterval(() => this.#write(":\n\n"), SITE_LIVE_HEARTBEAT_MS);
    this.stream.once("error", (error) => {
      parts.log.write("warn", "live.failed", { release: release.product, message: error.message });
    });
    this.stream.once("close", () => {
      unsubscribe();
      clearInterval(heartbeat);
    });
  }

  end(): void {
    this.stream.end();
  }

  async #news(live: LiveSwarm): Promise<void> {
    const release = await this.#parts.catalogue.release(this.#release);
    if (release?.withdrawal === null) {
      this.#sendSwarm(live);
    } else {
      this.#write("event: withdrawn\ndata: {}\n\n");
      this.end();
    }
  }

  #sendSwarm(live: LiveSwarm): void {
    const samples = figureSamples(this.#release, live).filter(({ at }) => at > this.#sentUpTo);
    this.#sentUpTo = samples.at(-1)?.at ?? this.#sentUpTo;
    this.#write(`event: swarm\ndata: ${JSON.stringify({ ...swarmFigures(this.#release, live), samples })}\n\n`);
  }

  #write(text: string): void {
    if (!this.stream.writable) return;
    if (this.stream.readableLength + this.stream.writableLength > SITE_LIVE_UNREAD_BYTES_MAX) this.stream.destroy();
    else this.stream.write(text);
  }
}
