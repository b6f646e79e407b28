// The bytes of the releases over plain HTTP (RFC 9110), through two doors of the same house:
//
//   /files/PRODUCT/VERSION/NAME[/PATH]      the web seed that every .torrent names (BEP 19)
//   /download/PRODUCT/VERSION/NAME[/PATH]   the direct download that the pages link to
//
// Which door somebody takes is how web seed and direct traffic are told apart: a Range or a User-Agent tells nothing, since
// people resume downloads and BitTorrent clients are many. A direct download counts when its last byte has left. The web
// seed also has the pad files of folders (pad-files.ts), which count for nobody's traffic.

import { posix } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ORIGIN_RETRY_AFTER_SECONDS } from "../../core/index.ts";
import type { Release, ReleaseRef } from "../domain.ts";
import type { OriginParts } from "../origin-parts.ts";
import { IMMUTABLE } from "./cache-rules.ts";
import { attachment } from "./content-disposition.ts";
import { sendFile } from "./file-sender.ts";
import { openPadFile } from "./pad-files.ts";
import type { SentFile } from "./pad-files.ts";
import { judge } from "./preconditions.ts";
import type { Verdict } from "./preconditions.ts";
import { HttpProblem } from "./problem.ts";
import type { SendBuffers } from "./send-buffers.ts";
import type { Transfer, Transfers } from "./transfers.ts";
import { sendWithdrawn } from "./withdrawn-answer.ts";

export interface PayloadDeps {
  readonly parts: Pick<OriginParts, "catalogue" | "payloads" | "swarms" | "config">;
  readonly transfers: Transfers;
  readonly buffers: SendBuffers;
  readonly onSent: (what: Sort, bytes: number) => void;
}

export type Door = "web-seed" | "direct";
/** What left: payload by one of the doors, or padding, which is none. */
export type Sort = Door | "padding";

interface PayloadRoute {
  readonly Params: { readonly product: string; readonly version: string; readonly "*": string };
}

interface Served {
  readonly release: Release;
  readonly file: SentFile;
  readonly name: string;
  readonly sort: Sort;
}

export function registerPayloads(app: FastifyInstance, deps: PayloadDeps): void {
  for (const [prefix, door] of [
    ["/files", "web-seed"],
    ["/download", "direct"],
  ] as const) {
    app.route<PayloadRoute>({
      method: ["GET", "HEAD"],
      url: `${prefix}/:product/:version/*`,
      config: { rateLimit: false },
      // A BitTorrent client asks for a range a piece: thousands of lines a download would hide the others.
      ...(door === "web-seed" ? { logLevel: "warn" } : {}),
      handler: (request, reply) => servePayload(deps, door, request, reply),
    });
  }
}

async function servePayload(
  deps: PayloadDeps,
  door: Door,
  request: FastifyRequest<PayloadRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { product, version, "*": rest } = request.params;
  const ref: ReleaseRef = { product, version };
  using transfer = deps.transfers.begin(ref);
  if (transfer === null) {
    reply.header("Retry-After", ORIGIN_RETRY_AFTER_SECONDS);
    throw new HttpProblem(503, "download.busy", "As many downloads as there may be are under way; try again soon.");
  }
  const release = await deps.parts.catalogue.release(ref);
  if (release === null) throw notThere();
  if (release.withdrawal !== null)
    return sendWithdrawn(reply, release, release.withdrawal, deps.parts.config.publicUrl);
  const path = rest.split("/");
  const isSafe = path.every(
    (element) => element !== "" && element !== "." && element !== ".." && !element.includes("\0"),
  );
  const isBelow = isSafe && path[0] === release.name;
  const found = isBelow ? await deps.parts.payloads.openFile(ref, path) : null;
  const pad = found === null && isBelow && door === "web-seed" ? openPadFile(release, path) : null;
  const file = found ?? pad;
  if (file === null) {
    // Withdrawn between the two looks: its payload is quarantined.
    const now = await deps.parts.catalogue.release(ref);
    if (now === null || now.withdrawal === null) throw notThere();
    return sendWithdrawn(reply, now, now.withdrawal, deps.parts.config.publicUrl);
  }
  try {
    const sort = pad === null ? door : "padding";
    return await answer(deps, { release, file, name: posix.basename(rest), sort }, transfer, request, reply);
  } finally {
    await file.handle.close();
  }
}

async function answer(
  deps: PayloadDeps,
  served: Served,
  { signal }: Transfer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { release, file, sort } = served;
  const etag = etagOf(release);
  const { lengthBytes } = file;
  const verdict = judge(request.method, request.headers, { etag, modifiedMs: release.publishedAt, lengthBytes });
  const response = reply.raw;
  // From here on the response is written by hand; what plugins have set so far goes out with it.
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) response.setHeader(name, value);
  response.writeHead(verdict.status, headersOf(served, etag, verdict));
  if (request.method === "HEAD" || (verdict.status !== 200 && verdict.status !== 206) || lengthBytes === 0) {
    response.end();
    return reply;
  }
  const end = (): void => void response.destroy();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const ref: ReleaseRef = { product: release.product, version: release.version };
  const range = verdict.status === 206 ? verdict.range : { first: 0, last: lengthBytes - 1 };
  try {
    const onSent = (bytes: number): void => {
      if (sort === "direct") deps.parts.swarms.sentByHttp(ref, { directBytes: bytes });
      if (sort === "web-seed") deps.parts.swarms.sentByHttp(ref, { webSeedBytes: bytes });
      deps.onSent(sort, bytes);
    };
    const outcome = await sendFile({ handle: file.handle, range, response, buffers: deps.buffers, onSent });
    if (outcome === "cut") request.log.info({ path: request.url.split("?")[0] }, "download.cut");
    if (outcome === "sent" && sort === "direct" && range.last === lengthBytes - 1) {
      deps.parts.swarms.sentByHttp(ref, { directDownloads: 1 });
    }
  } catch (error) {
    // The head is out: nothing can be said to the client but the end of the connection.
    request.log.error({ err: error }, "download.failed");
  } finally {
    signal.removeEventListener("abort", end);
  }
  return reply;
}

function headersOf({ release, file, name }: Served, etag: string, verdict: Verdict): Record<string, string | number> {
  const headers: Record<string, string | number> = {
    "Accept-Ranges": "bytes",
    "Cache-Control": IMMUTABLE,
    ETag: etag,
    "Last-Modified": new Date(release.publishedAt).toUTCString(),
  };
  if (verdict.status === 304) return headers;
  if (verdict.status === 412) return { ...headers, "Content-Length": 0, "Cache-Control": "no-store" };
  if (verdict.status === 416) {
    return {
      ...headers,
      "Content-Range": `bytes */${file.lengthBytes}`,
      "Content-Length": 0,
      "Cache-Control": "no-store",
    };
  }
  headers["Content-Type"] = "application/octet-stream";
  headers["Content-Disposition"] = attachment(name);
  // Of the whole, also where a range of it is sent (RFC 9530, 3).
  if (release.kind === "file" && release.sha256 !== null) {
    headers["Repr-Digest"] = `sha-256=:${Buffer.from(release.sha256, "hex").toString("base64")}:`;
  }
  if (verdict.status === 200) return { ...headers, "Content-Length": file.lengthBytes };
  const { first, last } = verdict.range;
  return {
    ...headers,
    "Content-Range": `bytes ${first}-${last}/${file.lengthBytes}`,
    "Content-Length": last + 1 - first,
  };
}

/** By content: a file's own hash; in a folder the info-hash, which commits to every byte below the address. */
function etagOf({ sha256, infoHashV2 }: Release): string {
  return `"${sha256 ?? infoHashV2}"`;
}

function notThere(): HttpProblem {
  return new HttpProblem(404, "file.unknown", "There is no such file.");
}
