// Publishing to an origin elsewhere: hashed here, sent in parts that go on where they broke off, signed here over what
// the origin has, completed there. Stopped and started again, also after a restart of either side, it goes on where it
// was: the origin knows the upload by its metainfo.
//
//   begin ─▶ send ─▶ sign ─▶ complete
//     ▲        ▲──────┴── damaged ┘     unknown (expired, or completed before) leads back to begin
//     └───────────────────────────┘

import fs from "node:fs/promises";
import {
  ORIGIN_SIGNING_ATTEMPTS_MAX,
  systemClock,
  UPLOAD_READ_BYTES,
  UPLOAD_REQUEST_BYTES,
  type Clock,
} from "../../core/index.ts";
import { parseMetainfo } from "../../metainfo/index.ts";
import { prepareRelease, type PreparationOptions, type PreparedRelease } from "../publishing/prepare-release.ts";
import type { PublishOutcome, SignRelease } from "../publishing/publish-release.ts";
import { OriginAnswerError } from "./origin-answer-error.ts";
import { Patience } from "./patience.ts";
import { partsOf, type SequencePart } from "./payload-sequence.ts";
import { UploadClient, type UploadClientOptions } from "./upload-client.ts";
import { UploadError } from "./upload-error.ts";
import { signedFromJson, signedToJson } from "./upload-protocol.ts";

export interface RemoteProgress {
  readonly phase: "hashing" | "uploading" | "completing";
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface RemotePublication
  extends UploadClientOptions, Omit<PreparationOptions, "copyTo" | "trackers" | "publicUrl" | "onProgress" | "signal"> {
  /**
   * What the publisher signs, by role: signAsPublisher(). `current` comes from the origin and may be anything: it is to be
   * verified before something is signed over it, since a signature covers all of a role's targets.
   */
  readonly sign: SignRelease;
  readonly onProgress?: ((progress: RemoteProgress) => void) | undefined;
  readonly clock?: Clock;
  /** The first pause after a failure. */
  readonly retryMs?: number;
}

/**
 * @throws OriginAnswerError with the origin's own code; UploadError upload.unreachable, upload.changed; as prepareRelease();
 *   what `sign` throws; the signal's reason
 */
export async function publishRemotely(publication: RemotePublication): Promise<PublishOutcome> {
  const { details, onProgress, signal, retryMs } = publication;
  const client = new UploadClient(publication);
  const patience = new Patience(signal, retryMs);
  const settings = await patience.until(() => client.settings());
  const prepared = await prepareRelease({
    ...publication,
    ...settings,
    copyTo: null,
    onProgress: (progress) => onProgress?.({ ...progress, phase: "hashing" }),
  });
  const sender = new Sender(publication, prepared, client, patience);
  for (let attempt = 1; ; attempt++) {
    const begun = await patience.until(() => client.begin(details, prepared.metainfo));
    if (begun.kind === "same") {
      // Completed by us before, and the answer was lost.
      return { ...begun, kind: begun.release.publishedAt === sender.publishedAt ? "published" : "same" };
    }
    try {
      await sender.send(begun.id, begun.offset);
      return await sender.complete(begun.id);
    } catch (error) {
      const leadsBack = ["unknown", "damaged", "incomplete"].some((code) => isAnswer(error, `upload.${code}`));
      if (!leadsBack || attempt === ORIGIN_SIGNING_ATTEMPTS_MAX) throw error;
    }
  }
}

class Sender {
  /** As last signed. */
  publishedAt = 0;
  readonly #publication: RemotePublication;
  readonly #prepared: PreparedRelease;
  readonly #client: UploadClient;
  readonly #patience: Patience;
  readonly #parts: readonly SequencePart[];

  constructor(publication: RemotePublication, prepared: PreparedRelease, client: UploadClient, patience: Patience) {
    this.#publication = publication;
    this.#prepared = prepared;
    this.#client = client;
    this.#patience = patience;
    this.#parts = partsOf(parseMetainfo(prepared.metainfo).layout, prepared.path);
  }

  async send(id: string, begin: number): Promise<void> {
    const totalBytes = this.#prepared.draft.lengthBytes;
    for (let offset = begin; offset < totalBytes;) {
      const end = Math.min(offset + UPLOAD_REQUEST_BYTES, totalBytes);
      const before = offset;
      try {
        offset = await this.#client.append(id, offset, this.#read(offset, end));
      } catch (error) {
        // Where another request was at it, we only have to know better where it is.
        if (!isAnswer(error, "upload.offset")) await this.#patience.after(error);
        offset = await this.#patience.until(() => this.#client.offset(id));
      }
      if (offset > before) this.#patience.renew();
    }
    this.#tell("uploading", totalBytes);
  }

  /** Signs over what the origin has, again where that changed meanwhile. */
  async complete(id: string): Promise<PublishOutcome> {
    const { details, sign, clock = systemClock } = this.#publication;
    const { draft, metainfo } = this.#prepared;
    this.#tell("completing", draft.lengthBytes);
    for (let attempt = 1; ; attempt++) {
      const { sequence, signed: current } = await this.#patience.until(() => this.#client.basis(id));
      this.publishedAt = clock.wallMs();
      const release = { ...draft, sequence, publishedAt: this.publishedAt, withdrawal: null };
      const signed = signedToJson(await sign(release, metainfo, signedFromJson(current)));
      const { channel, vendor, notes } = details;
      const request = { channel, vendor, notes, sequence, publishedAt: release.publishedAt, signed };
      try {
        for (;;) {
          const answer = await this.#patience.until(() => this.#client.complete(id, request));
          if (answer.kind !== "completing") return answer;
        }
      } catch (error) {
        const isStale = ["publish.stale", "release.conflict", "catalogue.conflict"].some((code) =>
          isAnswer(error, code),
        );
        if (!isStale || attempt === ORIGIN_SIGNING_ATTEMPTS_MAX) throw error;
      }
    }
  }

  #tell(phase: RemoteProgress["phase"], doneBytes: number): void {
    this.#publication.onProgress?.({ phase, doneBytes, totalBytes: this.#prepared.draft.lengthBytes });
  }

  async *#read(begin: number, end: number): AsyncGenerator<Uint8Array> {
    for (const part of this.#parts) {
      if (part.end <= begin || part.begin >= end) continue;
      await using handle = await fs.open(part.path, "r");
      for (let at = Math.max(begin, part.begin); at < Math.min(end, part.end);) {
        const wanted = Math.min(UPLOAD_READ_BYTES, Math.min(end, part.end) - at);
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at - part.begin);
        if (bytesRead === 0) {
          throw new UploadError("upload.changed", `The file became shorter while it was sent: ${part.path}`);
        }
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
        this.#tell("uploading", at);
      }
    }
  }
}

function isAnswer(error: unknown, code: string): boolean {
  return error instanceof OriginAnswerError && error.code === code;
}
