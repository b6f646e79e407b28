// The downloads that are under way, by release: so that a withdrawal ends them, and not only keeps others from beginning.
// A transfer begins before its release is looked up; whoever withdraws writes first and cuts then, so none slips through.

import { refOf } from "../domain.ts";
import type { ReleaseRef } from "../domain.ts";
import { ORIGIN_DOWNLOADS_MAX } from "../../core/index.ts";

export interface Transfer extends Disposable {
  /** Aborted when it has to end at once. */
  readonly signal: AbortSignal;
}

export class Transfers {
  readonly #countMax: number;
  readonly #byRelease = new Map<string, Set<AbortController>>();
  #count = 0;

  constructor(countMax: number = ORIGIN_DOWNLOADS_MAX) {
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#count;
  }

  /** Null where there are as many as there may be. */
  begin(ref: ReleaseRef): Transfer | null {
    if (this.#count >= this.#countMax) return null;
    const controller = new AbortController();
    const key = refOf(ref);
    const ofRelease = this.#byRelease.get(key) ?? new Set();
    this.#byRelease.set(key, ofRelease.add(controller));
    this.#count++;
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        if (!ofRelease.delete(controller)) return;
        this.#count--;
        if (ofRelease.size === 0 && this.#byRelease.get(key) === ofRelease) this.#byRelease.delete(key);
      },
    };
  }

  /** Ends those of a release: it was withdrawn, here or by another process. */
  cut(ref: ReleaseRef): void {
    for (const controller of this.#byRelease.get(refOf(ref)) ?? []) controller.abort();
  }
}
