// /PRODUCT/VERSION/NAME.torrent, the hybrid that is signed, and NAME.v1.torrent, its twin for clients that read v1 only.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { OriginParts } from "../origin-parts.ts";
import { REVALIDATE, sendBytes } from "./cache-rules.ts";
import { attachment } from "./content-disposition.ts";
import { HttpProblem } from "./problem.ts";
import { TwinFiles } from "./twin-files.ts";
import { sendWithdrawn } from "./withdrawn-answer.ts";

interface TorrentRoute {
  readonly Params: { readonly product: string; readonly version: string; readonly torrent: string };
}

type TorrentParts = Pick<OriginParts, "catalogue" | "config">;

export function registerTorrents(app: FastifyInstance, parts: TorrentParts): void {
  const twins = new TwinFiles(parts.catalogue);
  // Other names at this depth are left to others.
  app.get<TorrentRoute>("/:product/:version/:torrent(^.+\\.torrent$)", (request, reply) =>
    serveTorrent({ ...parts, twins }, request, reply),
  );
}

async function serveTorrent(
  { catalogue, config, twins }: TorrentParts & { readonly twins: TwinFiles },
  request: FastifyRequest<TorrentRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { product, version, torrent } = request.params;
  const release = await catalogue.release({ product, version });
  if (release === null) throw notThere();
  const isTwin = torrent === `${release.name}.v1.torrent`;
  if (!isTwin && torrent !== `${release.name}.torrent`) throw notThere();
  if (release.withdrawal !== null) return sendWithdrawn(reply, release, release.withdrawal, config.publicUrl);
  const bytes = isTwin ? await twins.of(release) : await catalogue.metainfo({ product, version });
  if (bytes === null) throw notThere();
  reply.header("Content-Disposition", attachment(torrent));
  return sendBytes(request, reply, { bytes, type: "application/x-bittorrent", cache: REVALIDATE });
}

function notThere(): HttpProblem {
  return new HttpProblem(404, "file.unknown", "There is no such file.");
}
