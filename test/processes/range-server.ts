// Files over HTTP with ranges: what a web seed needs (BEP 19). With `pads` it also has what is on no disk, the pad files
// of a v1 twin (BEP 47) as `.pad/LENGTH`: aria2 takes them for files like any other and asks for them.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { Readable } from "node:stream";

export class RangeServer implements AsyncDisposable {
  readonly #server: Server;
  /** Bytes of bodies, and the paths that were asked for. */
  sentBytes = 0;
  readonly paths: Set<string> = new Set<string>();

  private constructor(root: string, pads: boolean) {
    this.#server = createServer((request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
      this.paths.add(path);
      const pad = pads ? /\/\.pad\/(\d+)$/.exec(path)?.[1] : undefined;
      const source = pad === undefined ? fileSource(join(root, path)) : padSource(Number(pad));
      this.#answer(source, request.headers.range, response);
    });
  }

  static async open(root: string, options: { readonly pads?: boolean } = {}): Promise<RangeServer> {
    const server = new RangeServer(root, options.pads ?? false);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #answer(source: Source | null, range: string | undefined, response: ServerResponse): void {
    if (source === null) {
      response.writeHead(404).end();
      return;
    }
    const { lengthBytes } = source;
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
    const start = Number(first ?? 0);
    const end = last === undefined || last === "" ? lengthBytes - 1 : Math.min(Number(last), lengthBytes - 1);
    const lengths = { "content-length": end - start + 1, "accept-ranges": "bytes" };
    if (first === undefined) response.writeHead(200, lengths);
    else response.writeHead(206, { ...lengths, "content-range": `bytes ${start}-${end}/${lengthBytes}` });
    const body = source.read(start, end);
    body.on("data", (bytes: Buffer) => (this.sentBytes += bytes.length));
    body.pipe(response);
  }
}

interface Source {
  readonly lengthBytes: number;
  /** Both ends inclusive, as in HTTP. */
  read(start: number, end: number): Readable;
}

function fileSource(path: string): Source | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return null;
  return { lengthBytes: stats.size, read: (start, end) => createReadStream(path, { start, end }) };
}

function padSource(lengthBytes: number): Source {
  return { lengthBytes, read: (start, end) => Readable.from([Buffer.alloc(end - start + 1)]) };
}
