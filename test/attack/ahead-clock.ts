// The system's clock, as far ahead as a test has put it: what takes minutes in a session takes none here.

import type { Clock } from "../../src/core/index.ts";
import { until } from "../../src/engine/engine-fixture.test.ts";

export class AheadClock implements Clock {
  /** How often it was looked at: every tick of a session does so. */
  looks = 0;
  #aheadMs = 0;

  now(): number {
    this.looks++;
    return performance.now() + this.#aheadMs;
  }

  wallMs(): number {
    return this.now();
  }

  /** Forward, and on until the session has seen it. */
  async put(ms: number): Promise<void> {
    this.#aheadMs += ms;
    const seen = this.looks + 6;
    await until(() => this.looks > seen, "the session has looked at the clock");
  }
}
