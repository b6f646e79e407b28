// What a swarm is made of.

import type { Random } from "../core/index.ts";
import type { Layout } from "../metainfo/index.ts";
import type { ChokingPolicy } from "./choker.ts";
import type { SwarmEffects } from "./effects.ts";

export interface SwarmOptions {
  readonly layout: Layout;
  /** Pieces that are verified already, in BEP 3's bit order. */
  readonly have: Uint8Array;
  readonly choking: ChokingPolicy;
  /** Hand every piece out once before any twice; only for a seed. */
  readonly superSeed: boolean;
  readonly random: Random;
  readonly effects: SwarmEffects;
  /** What the machines of our site rank us by (memberKey of our peer id). */
  readonly siteKey?: number;
}
