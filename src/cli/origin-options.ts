// The options of the commands that work on an origin's folder, and what a new origin is when it is not told.

import type { OriginConfig } from "../origin/index.ts";
import { UsageError } from "./framework/usage-error.ts";

export const dataOption = {
  data: {
    kind: "path",
    placeholder: "DIR",
    default: "upswarm-origin",
    setting: true,
    summary: "The origin's folder: releases, payloads, database, keys",
  },
} as const;

/** Of a new origin; `publish` makes one too, where there is none. */
export const newOriginOptions = {
  url: {
    kind: "url",
    setting: true,
    summary: "Where the world reaches a new origin's site; by default http://localhost:8080",
  },
  title: {
    kind: "string",
    setting: true,
    summary: "What a new origin's site calls itself; by default its host's name",
  },
  tracker: {
    kind: "list",
    of: "url",
    summary: "A tracker that a new origin's releases name; by default its own, on port 6969 of the URL's host",
  },
} as const;

const DEFAULT_URL = "http://localhost:8080";
const TRACKER_PORT = 6969;

export interface NewOriginValues {
  readonly url: string | null;
  readonly title: string | null;
  readonly tracker: readonly string[];
}

/** @throws UsageError */
export function newConfigOf({ url, title, tracker }: NewOriginValues): OriginConfig {
  const site = new URL(url ?? DEFAULT_URL);
  if (!/^https?:$/.test(site.protocol) || site.pathname !== "/" || site.search !== "" || site.hash !== "") {
    throw new UsageError("usage.value", `--url: ${site.href} is more than a scheme (http, https), a host and a port.`);
  }
  const { hostname, origin } = site;
  const own = [`http://${hostname}:${TRACKER_PORT}/announce`, `udp://${hostname}:${TRACKER_PORT}`];
  return {
    title: title ?? hostname,
    publicUrl: origin,
    trackers: tracker.length > 0 ? tracker : own,
    agent: null,
    mail: null,
    trustedProxies: [],
  };
}
