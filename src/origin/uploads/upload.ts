// One upload on disk: the metainfo that it began with, and as much of the payload as has come.
//
//   ID/upload.json       product and version; its time is when something last came
//   ID/release.torrent   the metainfo
//   ID/payload/NAME…     the artifact, growing from its first byte to its last
//
// Invariant: the first `offset` bytes of the sequence are in their files, and nothing stands after them. How far it has
// come is read from the files themselves, so it is known after a crash; whether the bytes are the right ones is found
// when it is completed.

import assert from "node:assert";
import fs from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { UPLOAD_IDLE_MS } from "../../core/index.ts";
import { MetainfoError, parseMetainfo, type Metainfo } from "../../metainfo/index.ts";
import type { ReleaseRef } from "../domain.ts";
import type { ArtifactDigests } from "../publishing/artifact-digests.ts";
import { partsOf, type SequencePart } from "./payload-sequence.ts";
import { UploadError } from "./upload-error.ts";

export interface UploadHead extends ReleaseRef {
  readonly id: string;
}

/** A body as it arrives: node's IncomingMessage. */
export interface UploadBody extends AsyncIterable<Buffer> {
  destroy(error?: Error): unknown;
}

export class Upload {
  readonly id: string;
  readonly ref: ReleaseRef;
  readonly metainfo: Metainfo;
  readonly metainfoBytes: Buffer;
  /** Holds the artifact under its name. */
  readonly payloadFolder: string;
  /** When something last came. */
  activeAt: number;
  /** What was found of the bytes that have come. */
  isVerified = false;
  digests: ArtifactDigests = {};
  readonly #folder: string;
  readonly #parts: readonly SequencePart[];
  #offset = 0;
  #completing: Promise<unknown> | null = null;
  #receiving: { readonly body: UploadBody; readonly ended: Promise<void> } | null = null;

  private constructor(folder: string, head: UploadHead, metainfoBytes: Buffer, activeAt: number) {
    this.id = head.id;
    this.ref = { product: head.product, version: head.version };
    this.metainfo = parseMetainfo(metainfoBytes);
    this.metainfoBytes = metainfoBytes;
    this.payloadFolder = join(folder, "payload");
    this.activeAt = activeAt;
    this.#folder = folder;
    this.#parts = partsOf(this.metainfo.layout, this.artifactPath);
  }

  /** In a folder that is not there yet. @throws MetainfoError */
  static async create(folder: string, head: UploadHead, metainfoBytes: Buffer, nowMs: number): Promise<Upload> {
    const upload = new Upload(folder, head, metainfoBytes, nowMs);
    await fs.mkdir(upload.payloadFolder, { recursive: true });
    await fs.writeFile(join(folder, "release.torrent"), metainfoBytes);
    // Last: what lacks it never began.
    await fs.writeFile(join(folder, "upload.json"), JSON.stringify(head));
    return upload;
  }

  /** One that was begun before; null where it never was whole. */
  static async load(folder: string): Promise<Upload | null> {
    try {
      const path = join(folder, "upload.json");
      const head = JSON.parse(await fs.readFile(path, "utf8")) as UploadHead;
      const metainfoBytes = await fs.readFile(join(folder, "release.torrent"));
      const upload = new Upload(folder, head, metainfoBytes, (await fs.stat(path)).mtimeMs);
      await upload.recount();
      return upload;
    } catch (error) {
      // Neither file was waited for on the disk: after a power cut either may be torn.
      const isTorn = error instanceof SyntaxError || error instanceof MetainfoError;
      if (isTorn || (error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  get artifactPath(): string {
    return join(this.payloadFolder, this.metainfo.name);
  }

  get lengthBytes(): number {
    return this.metainfo.layout.lengthBytes;
  }

  get missingBytes(): number {
    return this.lengthBytes - this.#offset;
  }

  get isCompleting(): boolean {
    return this.#completing !== null;
  }

  get isBusy(): boolean {
    return this.#receiving !== null || this.#completing !== null;
  }

  /** Resolves when nothing completes it. */
  async completed(): Promise<void> {
    while (this.#completing !== null) await this.#completing;
  }

  /** Runs what completes it, one at a time. */
  async alone<T>(complete: () => Promise<T>): Promise<T> {
    await this.completed();
    const outcome = complete();
    this.#completing = outcome.catch(() => {});
    try {
      return await outcome;
    } finally {
      this.#completing = null;
    }
  }

  /** How far it has come. Whoever asks wants to go on from there, so what is being received ends first. */
  async offset(): Promise<number> {
    await this.#endReceiving();
    return this.#offset;
  }

  /**
   * Takes in a body that begins at `offset`. A body that breaks off is no error: what came of it counts.
   * @returns how far it has come. @throws UploadError upload.offset, upload.too-large, upload.idle
   */
  async receive(offset: number, body: UploadBody, clock: { wallMs(): number }): Promise<number> {
    // A publisher that comes back does not wait until its cut connection is noticed here. Looked at again after each
    // wait: another request may have come first.
    while (this.#receiving !== null) await this.#endReceiving();
    if (offset !== this.#offset) {
      throw new UploadError("upload.offset", `The upload is at ${this.#offset}; what was sent begins at ${offset}.`);
    }
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#receiving = { body, ended };
    const idle = setTimeout(() => {
      body.destroy(new UploadError("upload.idle", `Nothing came for ${UPLOAD_IDLE_MS / 1000} s.`));
    }, UPLOAD_IDLE_MS);
    try {
      await this.#write(body, () => idle.refresh());
    } finally {
      clearTimeout(idle);
      this.#receiving = null;
      this.activeAt = clock.wallMs();
      await fs.utimes(join(this.#folder, "upload.json"), this.activeAt / 1000, this.activeAt / 1000);
      resolve();
    }
    return this.#offset;
  }

  /** What has no bytes: empty files, modes, links. For one that has come to its end. */
  async finish(): Promise<void> {
    assert(this.#offset === this.lengthBytes, "all of it has come");
    for (const { path, executable, begin, end } of this.#parts) {
      await fs.mkdir(dirname(path), { recursive: true });
      if (begin === end) await fs.writeFile(path, "");
      await fs.chmod(path, executable ? 0o755 : 0o644);
    }
    for (const { kind, path, symlinkTarget } of this.metainfo.layout.files) {
      if (kind !== "symlink") continue;
      const link = join(this.artifactPath, ...path);
      await fs.mkdir(dirname(link), { recursive: true });
      await fs.rm(link, { force: true });
      // Relative, so that the tree can be moved.
      const target = posix.relative(`/${path.slice(0, -1).join("/")}`, `/${(symlinkTarget ?? []).join("/")}`);
      await fs.symlink(target === "" ? "." : target, link);
    }
  }

  /** Takes back what came from `offset` on. */
  async rewind(offset: number): Promise<void> {
    for (const { path, begin, end } of this.#parts) {
      if (end <= offset) continue;
      if (begin >= offset) await fs.rm(path, { force: true });
      else await fs.truncate(path, offset - begin);
    }
    this.#offset = Math.min(this.#offset, offset);
    this.isVerified = false;
    this.digests = {};
  }

  /** From the files: the end of the first that is not whole. What stands after it is left of a crash. */
  async recount(): Promise<void> {
    this.#offset = this.lengthBytes;
    for (const { path, begin, end } of this.#parts) {
      const sizeBytes = (await fs.lstat(path).catch(nullIfAbsent))?.size ?? 0;
      if (sizeBytes < end - begin) {
        await this.rewind(begin + sizeBytes);
        return;
      }
    }
  }

  async remove(): Promise<void> {
    await this.#endReceiving();
    await fs.rm(this.#folder, { recursive: true, force: true });
  }

  async #endReceiving(): Promise<void> {
    this.#receiving?.body.destroy();
    await this.#receiving?.ended;
  }

  async #write(body: UploadBody, onBytes: () => void): Promise<void> {
    await using files = new GrowingFiles(this.#parts);
    try {
      for await (const bytes of body) {
        onBytes();
        if (this.#offset + bytes.length > this.lengthBytes) {
          throw new UploadError("upload.too-large", `The payload has ${this.lengthBytes} bytes; more were sent.`);
        }
        await files.write(this.#offset, bytes);
        this.#offset += bytes.length;
      }
    } catch (error) {
      // The connection broke, or a newer request took over.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE" && code !== "ABORT_ERR") throw error;
    }
  }
}

/** The files of the sequence while bytes are added to its end: at most one is open. */
class GrowingFiles implements AsyncDisposable {
  readonly #parts: readonly SequencePart[];
  #at = 0;
  #handle: fs.FileHandle | null = null;

  constructor(parts: readonly SequencePart[]) {
    this.#parts = parts;
  }

  async write(offset: number, bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const part = await this.#partAt(offset + done);
      this.#handle ??= await openToGrow(part.path);
      const count = Math.min(bytes.length - done, part.end - offset - done);
      const position = offset + done - part.begin;
      const { bytesWritten } = await this.#handle.write(bytes, done, count, position);
      done += bytesWritten;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  async #partAt(offset: number): Promise<SequencePart> {
    for (; ; this.#at++) {
      const part = this.#parts[this.#at];
      assert(part !== undefined, "a byte of the sequence lies in a file");
      if (part.begin <= offset && offset < part.end) return part;
      await this[Symbol.asyncDispose]();
    }
  }
}

async function openToGrow(path: string): Promise<fs.FileHandle> {
  await fs.mkdir(dirname(path), { recursive: true });
  // Made where it is missing, and not emptied where it is there.
  return await fs.open(path, fs.constants.O_WRONLY | fs.constants.O_CREAT | (fs.constants.O_NOFOLLOW ?? 0), 0o644);
}

function nullIfAbsent(error: unknown): null {
  if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
  throw error;
}
