// The last quarter of an hour of a swarm, a sample every few seconds, for the page's charts.

import { LIVE_SAMPLES_MAX } from "../../core/index.ts";
import type { LiveSample } from "../domain.ts";

export class LiveHistory {
  readonly #samples: LiveSample[] = [];

  add(sample: LiveSample): void {
    this.#samples.push(sample);
    if (this.#samples.length > LIVE_SAMPLES_MAX) this.#samples.shift();
  }

  /** Oldest first. */
  get samples(): readonly LiveSample[] {
    return this.#samples;
  }
}
