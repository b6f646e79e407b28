// What we say first to a peer: which pieces we have, and the extension handshake.

import { UPLOAD_QUEUE_MAX_BLOCKS } from "../core/index.ts";
import type { Swarm } from "../swarm/index.ts";
import { encodeBare, encodeBitfield, encodeExtensionHandshake } from "../wire/index.ts";
import type { PeerSession } from "./peer-session.ts";
import type { SessionHost } from "./session-host.ts";

/**
 * Bitfield, have all or have none (BEP 6). Null where there is nothing to say. `swarm` is null before the torrent is
 * ready: what we have is then told later, piece by piece. A super-seed shows itself as a peer without pieces.
 */
export function piecesMessage(swarm: Swarm | null, speaksFast: boolean): Buffer | null {
  if (swarm === null || swarm.isSuperSeeding || swarm.have.count === 0) {
    return speaksFast ? encodeBare("haveNone") : null;
  }
  return speaksFast && swarm.isComplete ? encodeBare("haveAll") : encodeBitfield(swarm.have.bytes);
}

/** Offers no peer exchange on a private torrent (BEP 27); a super-seed does not say that it only uploads. */
export function ownExtensionHandshake(host: SessionHost, session: PeerSession, isSuperSeeding: boolean): Buffer {
  return encodeExtensionHandshake({
    extensions: host.isPrivate
      ? ["ut_metadata", "upload_only", "lt_donthave"]
      : ["ut_metadata", "ut_pex", "upload_only", "lt_donthave"],
    clientName: host.clientName,
    reqq: UPLOAD_QUEUE_MAX_BLOCKS,
    metadataSize: host.metadataSize(session),
    listenPort: host.listenPort,
    uploadOnly: host.isComplete && !isSuperSeeding,
    yourip: session.connection.remote.address,
    site: host.site ?? "",
  });
}
