// All uploads under way: one folder each below DATA/uploads, found again after a restart, bounded in number, size and
// age. A release has one upload: to begin the same again finds it, to begin another payload for that version replaces it.

import fs from "node:fs/promises";
import { join } from "node:path";
import {
  UPLOAD_DISK_RESERVE_BYTES,
  UPLOAD_EXPIRY_MS,
  UPLOAD_LENGTH_BYTES_MAX,
  UPLOADS_MAX,
  type Clock,
  type Random,
} from "../../core/index.ts";
import { parseMetainfo } from "../../metainfo/index.ts";
import { refOf, type ReleaseRef } from "../domain.ts";
import { UploadError } from "./upload-error.ts";
import { Upload } from "./upload.ts";

export interface UploadStoreDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** What the disk has left; by default it is asked. */
  readonly freeBytes?: () => Promise<number>;
}

export class UploadStore {
  readonly #folder: string;
  readonly #deps: UploadStoreDeps;
  readonly #uploads: Map<string, Upload>;
  /** One beginning at a time: each counts what is there. */
  #beginning: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, deps: UploadStoreDeps, uploads: Map<string, Upload>) {
    this.#folder = folder;
    this.#deps = deps;
    this.#uploads = uploads;
  }

  /** `folder`: on the payload store's disk. Removes what never began and what has expired. */
  static async open(folder: string, deps: UploadStoreDeps): Promise<UploadStore> {
    await fs.mkdir(folder, { recursive: true });
    const uploads = new Map<string, Upload>();
    for (const name of await fs.readdir(folder)) {
      const upload = await Upload.load(join(folder, name));
      if (upload === null) await fs.rm(join(folder, name), { recursive: true, force: true });
      else uploads.set(upload.id, upload);
    }
    const store = new UploadStore(folder, deps, uploads);
    await store.#removeExpired();
    return store;
  }

  get count(): number {
    return this.#uploads.size;
  }

  /** @throws UploadError upload.unknown */
  get(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined) {
      throw new UploadError("upload.unknown", "There is no such upload: it was completed, or given up for too long.");
    }
    return upload;
  }

  /**
   * The upload of these bytes under this name, which may have come some way already.
   * @throws UploadError upload.too-large, upload.too-many, upload.no-space, upload.busy; MetainfoError
   */
  begin(ref: ReleaseRef, metainfoBytes: Buffer): Promise<{ readonly upload: Upload; readonly isNew: boolean }> {
    const begun = this.#beginning.then(() => this.#begin(ref, metainfoBytes));
    this.#beginning = begun.catch(() => {});
    return begun;
  }

  async remove(upload: Upload): Promise<void> {
    this.#uploads.delete(upload.id);
    await upload.remove();
  }

  async #begin(ref: ReleaseRef, metainfoBytes: Buffer): Promise<{ readonly upload: Upload; readonly isNew: boolean }> {
    const metainfo = parseMetainfo(metainfoBytes);
    await this.#removeExpired();
    const there = [...this.#uploads.values()].find((upload) => refOf(upload.ref) === refOf(ref));
    if (there !== undefined) {
      // Other trackers or web seeds make another file of the same payload.
      if (there.metainfoBytes.equals(metainfoBytes)) return { upload: there, isNew: false };
      if (there.isCompleting) {
        const text = `Another upload of ${refOf(ref)} is being completed. Try again when that is done.`;
        throw new UploadError("upload.busy", text, { retryable: true });
      }
      await this.remove(there);
    }
    const { lengthBytes } = metainfo.layout;
    if (lengthBytes > UPLOAD_LENGTH_BYTES_MAX) {
      const text = `The payload has ${lengthBytes} bytes; at most ${UPLOAD_LENGTH_BYTES_MAX} can be uploaded.`;
      throw new UploadError("upload.too-large", text);
    }
    if (this.#uploads.size >= UPLOADS_MAX) {
      const text = `There are ${UPLOADS_MAX} uploads under way. Try again when one has been completed.`;
      throw new UploadError("upload.too-many", text, { retryable: true });
    }
    await this.#checkSpace(lengthBytes);
    const id = this.#deps.random.bytes(16).toString("hex");
    const upload = await Upload.create(
      join(this.#folder, id),
      { id, ...ref },
      metainfoBytes,
      this.#deps.clock.wallMs(),
    );
    this.#uploads.set(id, upload);
    return { upload, isNew: true };
  }

  /** For this one and for what the others have yet to receive. */
  async #checkSpace(lengthBytes: number): Promise<void> {
    let wanted = lengthBytes + UPLOAD_DISK_RESERVE_BYTES;
    for (const upload of this.#uploads.values()) wanted += upload.missingBytes;
    const free = await (this.#deps.freeBytes ?? (() => freeBytesOf(this.#folder)))();
    if (free < wanted) {
      const text = `The origin's disk has ${free} bytes left; ${wanted} are needed for this and other uploads.`;
      throw new UploadError("upload.no-space", text, { retryable: true });
    }
  }

  async #removeExpired(): Promise<void> {
    const beforeMs = this.#deps.clock.wallMs() - UPLOAD_EXPIRY_MS;
    for (const upload of this.#uploads.values()) {
      if (!upload.isBusy && upload.activeAt < beforeMs) await this.remove(upload);
    }
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await fs.statfs(folder);
  return bavail * bsize;
}
