// The signed metadata and its targets as clients of The Update Framework fetch them (TUF 6.2, consistent snapshots):
//
//   /tuf/7.snapshot.json                       numbered files never change
//   /tuf/timestamp.json                        the one that does: asked for each time
//   /tuf/targets/PATH/HASH.NAME                a target, by its SHA-256 or SHA-512
//
// What is served here needs no protection: clients believe the signatures, and nothing else.

import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { IMMUTABLE, REVALIDATE, sendBytes } from "./cache-rules.ts";
import { HttpProblem } from "./problem.ts";

export interface TufDeps {
  readonly catalogue: Pick<Catalogue, "signedFile">;
  /** By its path in the metadata; null where there is none, or where it may not be given out. */
  readonly targetFile: (path: string) => Promise<Buffer | null>;
}

interface TufRoute {
  readonly Params: { readonly name: string };
}
interface TargetRoute {
  readonly Params: { readonly "*": string };
}

export function registerTuf(app: FastifyInstance, deps: TufDeps): void {
  const config = { rateLimit: false } as const;
  app.get<TufRoute>("/tuf/:name", { config }, (request, reply) => serveSigned(deps, request, reply));
  app.get<TargetRoute>("/tuf/targets/*", { config }, (request, reply) => serveTarget(deps, request, reply));
}

async function serveSigned(
  { catalogue }: TufDeps,
  request: FastifyRequest<TufRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { name } = request.params;
  const bytes = name.endsWith(".json") ? await catalogue.signedFile(name) : null;
  if (bytes === null) throw notThere();
  const cache = /^\d+\./.test(name) ? IMMUTABLE : REVALIDATE;
  return sendBytes(request, reply, { bytes, type: "application/json; charset=utf-8", cache });
}

async function serveTarget(
  { targetFile }: TufDeps,
  request: FastifyRequest<TargetRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const match = /^((?:[^/]+\/)*)([0-9a-f]{64}|[0-9a-f]{128})\.([^/]+)$/.exec(request.params["*"]);
  if (match === null) throw notThere();
  const [, folder = "", hash = "", name = ""] = match;
  const bytes = await targetFile(`${folder}${name}`);
  // A target that has changed meanwhile is not the one that was asked for.
  if (
    bytes === null ||
    createHash(hash.length === 64 ? "sha256" : "sha512")
      .update(bytes)
      .digest("hex") !== hash
  ) {
    throw notThere();
  }
  const type = name.endsWith(".torrent") ? "application/x-bittorrent" : "application/json; charset=utf-8";
  return sendBytes(request, reply, { bytes, type, cache: IMMUTABLE });
}

function notThere(): HttpProblem {
  return new HttpProblem(404, "file.unknown", "There is no such file.");
}
