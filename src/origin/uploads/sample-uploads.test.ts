// An origin that takes uploads, on a real socket, and a wire to it that can be cut: for tests of publishing remotely.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { silentLog, systemClock, systemRandom } from "../../core/index.ts";
import { StorageWorkers } from "../../storage/index.ts";
import { details, openOrigin, signNext, type SampleOrigin } from "../publishing/sample-origin.test.ts";
import { publishRemotely, type RemotePublication } from "./publish-remotely.ts";
import { registerUploads, type UploadParts } from "./register-uploads.ts";
import type { UploadSettings } from "./upload-protocol.ts";
import { UploadStore, type UploadStoreDeps } from "./upload-store.ts";

export const TOKEN = "let-me-publish";
export const settings: UploadSettings = {
  publicUrl: "https://updates.example",
  trackers: ["https://updates.example/announce"],
};

export interface UploadOrigin extends AsyncDisposable {
  readonly origin: SampleOrigin;
  readonly uploads: UploadStore;
  readonly app: FastifyInstance;
  readonly url: string;
  readonly port: number;
}

export interface UploadOriginOptions extends Partial<Pick<UploadParts, "accept" | "onPublished" | "completionWaitMs">> {
  readonly port?: number;
  readonly store?: Partial<UploadStoreDeps>;
}

/** On a folder, which may hold what an earlier one left. */
export async function openUploads(folder: string, options: UploadOriginOptions = {}): Promise<UploadOrigin> {
  const { port = 0, store = {}, ...changes } = options;
  const origin = await openOrigin(folder);
  const deps = { clock: systemClock, random: systemRandom, ...store };
  const uploads = await UploadStore.open(join(folder, "uploads"), deps);
  const workers = new StorageWorkers();
  const app = fastify({ forceCloseConnections: true });
  await registerUploads(app, {
    ...origin,
    uploads,
    workers,
    settings,
    log: silentLog,
    authorize: (request) => {
      if (request.headers.authorization === `Bearer ${TOKEN}`) return Promise.resolve();
      return Promise.reject(Object.assign(new Error("no token"), { statusCode: 401 }));
    },
    accept: (_signed, _release, _metainfo, current) => Promise.resolve(signNext(current)),
    ...changes,
  });
  await app.listen({ port, host: "127.0.0.1" });
  const address = app.server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    await app.close();
    await workers[Symbol.asyncDispose]();
    await origin[Symbol.asyncDispose]();
  };
  const url = `http://127.0.0.1:${address.port}`;
  return { origin, uploads, app, url, port: address.port, [Symbol.asyncDispose]: close };
}

export async function remotely(
  url: string,
  path: string,
  changes: Partial<RemotePublication> = {},
): ReturnType<typeof publishRemotely> {
  await using workers = new StorageWorkers({ count: 1 });
  return await publishRemotely({
    url,
    path,
    token: TOKEN,
    details: details("1.0"),
    workers,
    sign: (_release, _metainfo, current) => Promise.resolve(signNext(current)),
    retryMs: 1,
    ...changes,
  });
}

export interface Wire extends AsyncDisposable {
  readonly url: string;
  /** Bytes that passed towards the origin, over all connections. */
  readonly sentBytes: number;
  readonly cuts: number;
}

/** Passes bytes on to a port. Each connection is cut when `bytesPerConnection` have passed towards it, `cutsMax` times. */
export async function openWire(port: number, bytesPerConnection: number, cutsMax: number): Promise<Wire> {
  let sentBytes = 0;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    let passed = 0;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // One that is reset is closed next.
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    far.pipe(near);
    near.on("data", (bytes: Buffer) => {
      passed += bytes.length;
      sentBytes += bytes.length;
      far.write(bytes);
      if (passed <= bytesPerConnection || cuts >= cutsMax) return;
      cuts++;
      near.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    get sentBytes() {
      return sentBytes;
    },
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The value of what must be there. */
export function present<T>(value: T | null | undefined): T {
  assert.ok(value !== null && value !== undefined);
  return value;
}
