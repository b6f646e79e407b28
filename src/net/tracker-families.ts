// One announce over each address family that we and the tracker's host have (BEP 7, 15): a tracker lists us by the
// address that it sees, and hands out each family's peers to that family.
// Invariant: it succeeds where one family succeeds. The other is given a little longer and then left, so that a family
// that leads nowhere delays an announce by little: see TRACKER_OTHER_FAMILY_MIN_MS.

import type { AnnounceReply } from "../announce/index.ts";
import { formatEndpoint, TRACKER_OTHER_FAMILY_MAX_MS, TRACKER_OTHER_FAMILY_MIN_MS } from "../core/index.ts";
import type { Clock, Endpoint } from "../core/index.ts";
import { NetError } from "./net-error.ts";
import type { AddressFamily } from "./resolve-host.ts";

type AnnounceOver = (family: AddressFamily, signal: AbortSignal) => Promise<AnnounceReply>;

/** @throws what `announce` threw for the first family that the host has an address of; the signal's reason */
export async function announceOverFamilies(
  families: readonly AddressFamily[],
  clock: Clock,
  signal: AbortSignal,
  announce: AnnounceOver,
): Promise<AnnounceReply> {
  const startedAt = clock.now();
  const others = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const either = AbortSignal.any([signal, others.signal]);
  const replies: AnnounceReply[] = [];
  const errors: unknown[] = [];
  await Promise.all(
    families.map(async (family) => {
      try {
        replies.push(await announce(family, either));
        timer ??= setTimeout(() => others.abort(), graceMs(clock.now() - startedAt));
      } catch (error) {
        errors.push(error);
      }
    }),
  );
  clearTimeout(timer);
  signal.throwIfAborted();
  if (replies.length > 0) return merge(replies);
  throw errors.find((error) => !(error instanceof NetError && error.code === "net.resolve")) ?? errors[0];
}

function graceMs(elapsedMs: number): number {
  return Math.min(Math.max(4 * elapsedMs, TRACKER_OTHER_FAMILY_MIN_MS), TRACKER_OTHER_FAMILY_MAX_MS);
}

function merge(replies: readonly AnnounceReply[]): AnnounceReply {
  const [first] = replies;
  if (first === undefined) throw new RangeError("there is no reply to merge");
  if (replies.length === 1) return first;
  const peers = new Map<string, Endpoint>();
  for (const reply of replies) for (const peer of reply.peers) peers.set(formatEndpoint(peer), peer);
  return {
    ...first,
    intervalSeconds: Math.max(...replies.map((reply) => reply.intervalSeconds)),
    minIntervalSeconds: largest(replies.map((reply) => reply.minIntervalSeconds)),
    complete: largest(replies.map((reply) => reply.complete)),
    incomplete: largest(replies.map((reply) => reply.incomplete)),
    downloaded: largest(replies.map((reply) => reply.downloaded)),
    peers: [...peers.values()],
    warning: replies.find((reply) => reply.warning !== null)?.warning ?? null,
    trackerId: replies.find((reply) => reply.trackerId !== null)?.trackerId ?? null,
  };
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
