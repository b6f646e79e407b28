// The requests that nearly all announcers send, recognised without an HTTP parser: a whole GET of /announce or /scrape in
// one packet, with no header but those of a short list and nothing behind it. Whatever looks otherwise in any byte is null
// and is left to Node's parser, so what is recognised here reads the same by every reader of HTTP: no body, no second
// request, no continued line, one host.

import {
  TRACKER_HTTP_HEAD_BYTES_MAX,
  TRACKER_PLAIN_HEADERS_LENGTH_MAX,
  TRACKER_PLAIN_HEADERS_MAX,
} from "../core/index.ts";

export interface PlainGet {
  readonly path: "/announce" | "/scrape";
  /** Without "?", printable ASCII. */
  readonly query: string;
  /** The client wants no second answer over this connection. */
  readonly isLast: boolean;
}

type Headers = "last" | "kept" | "others";

const version = " HTTP/1.1\r\n";
/** None of them changes what a GET means or where it ends. */
const headerPattern = /^(?:user-agent|accept|accept-encoding|accept-language|cache-control|pragma):[ -~]*$/i;
const hostPattern = /^host: *[!-~]+ *$/i;
const connectionPattern = /^connection: *(close|keep-alive) *$/i;

export class PlainGetReader {
  /** By the text from the request line's end on: clients are few, and each sends the same headers again and again. */
  readonly #known = new Map<string, Headers>();

  get knownHeaders(): number {
    return this.#known.size;
  }

  /** `text`: what came, one byte a character. Null where it is anything else. */
  read(text: string): PlainGet | null {
    const path = text.startsWith("GET /announce?") ? "/announce" : text.startsWith("GET /scrape?") ? "/scrape" : null;
    if (path === null || text.length > TRACKER_HTTP_HEAD_BYTES_MAX) return null;
    const begin = "GET ?".length + path.length;
    const end = text.indexOf(" ", begin);
    if (end === -1 || !text.startsWith(version, end)) return null;
    const query = text.slice(begin, end);
    const headers = this.#headersOf(text.slice(end + version.length));
    if (headers === "others" || !/^[!-~]*$/.test(query)) return null;
    return { path, query, isLast: headers === "last" };
  }

  #headersOf(text: string): Headers {
    if (text.length > TRACKER_PLAIN_HEADERS_LENGTH_MAX) return "others";
    let headers = this.#known.get(text);
    if (headers === undefined) {
      headers = readHeaders(text);
      if (this.#known.size >= TRACKER_PLAIN_HEADERS_MAX) this.#known.clear();
      // A copy: a slice would keep all of the request.
      this.#known.set(Buffer.from(text, "latin1").toString("latin1"), headers);
    }
    return headers;
  }
}

function readHeaders(text: string): Headers {
  if (!text.endsWith("\r\n\r\n")) return "others";
  let hosts = 0;
  let connections = 0;
  let isLast = false;
  for (const line of text.slice(0, -4).split("\r\n")) {
    const connection = connectionPattern.exec(line);
    if (connection !== null) {
      connections++;
      isLast = connection[1]?.toLowerCase() === "close";
    } else if (hostPattern.test(line)) hosts++;
    else if (!headerPattern.test(line)) return "others";
  }
  return hosts !== 1 || connections > 1 ? "others" : isLast ? "last" : "kept";
}
