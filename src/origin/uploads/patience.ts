// How often and after which pauses something is tried again that fails without progress.

import { setTimeout as delay } from "node:timers/promises";
import { UPLOAD_ATTEMPTS_MAX, UPLOAD_RETRY_MS, UPLOAD_RETRY_MS_MAX } from "../../core/index.ts";
import { isPassing } from "./upload-client.ts";

export class Patience {
  readonly #firstMs: number;
  readonly #signal: AbortSignal | undefined;
  #failures = 0;

  constructor(signal: AbortSignal | undefined, firstMs: number = UPLOAD_RETRY_MS) {
    this.#signal = signal;
    this.#firstMs = firstMs;
  }

  /** Something came through: counting begins anew. */
  renew(): void {
    this.#failures = 0;
  }

  /** Pauses before the next try. @throws the error where trying again is no use, or was tried often enough */
  async after(error: unknown): Promise<void> {
    if (!isPassing(error) || ++this.#failures >= UPLOAD_ATTEMPTS_MAX) throw error;
    const pauseMs = Math.min(this.#firstMs * 2 ** (this.#failures - 1), UPLOAD_RETRY_MS_MAX);
    await delay(pauseMs, undefined, { signal: this.#signal });
  }

  /** Until it comes through. */
  async until<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const value = await attempt();
        this.renew();
        return value;
      } catch (error) {
        await this.after(error);
      }
    }
  }
}
