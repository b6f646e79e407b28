// The URL of one file at a web seed (BEP 19).

import { NetError } from "./net-error.ts";
import { shown } from "./url-policy.ts";

export interface WebSeedFile {
  /** The torrent's name. */
  readonly name: string;
  /** True where `name` is a folder: see Layout.isFolder. */
  readonly isFolder: boolean;
  /** The file's path elements below the folder; of no matter for a single file. */
  readonly path: readonly string[];
}

/**
 * A single file's URL is the seed's, with the name behind it where it ends in "/". A folder's files are below the
 * seed's URL, the name and the path, each element percent-encoded. The seed's query (a token) stays.
 * @throws NetError net.url-syntax
 */
export function webSeedFileUrl(seedUrl: string, file: WebSeedFile): string {
  const url = URL.parse(seedUrl);
  if (url === null) throw new NetError("net.url-syntax", `"${seedUrl.slice(0, 200)}" is not a URL.`);
  const endsInSlash = url.pathname.endsWith("/");
  url.hash = "";
  if (!file.isFolder && !endsInSlash) return url.href;
  const elements = file.isFolder ? [file.name, ...file.path] : [file.name];
  const below = elements.map((element) => encodeElement(element, url)).join("/");
  url.pathname = `${url.pathname}${endsInSlash ? "" : "/"}${below}`;
  return url.href;
}

function encodeElement(element: string, url: URL): string {
  // URLs resolve these away, percent-encoded or not, and the request would be for something else.
  if (element === "" || element === "." || element === "..") {
    throw new NetError("net.url-syntax", `"${element}" cannot be a part of a file's URL below ${shown(url)}.`);
  }
  return encodeURIComponent(element.toWellFormed());
}
