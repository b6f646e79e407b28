// What was sent, gathered in memory and stored now and then: counters are not worth a disk write each. Invariant: what
// `pending` shows is in no store yet, and nothing is stored twice, also where storing fails and is tried again.

import type { Catalogue } from "../catalogue/catalogue.ts";
import { refOf, type ReleaseRef, type Traffic } from "../domain.ts";

const NO_TRAFFIC: Traffic = { seedBytes: 0, webSeedBytes: 0, directBytes: 0, completed: 0, directDownloads: 0 };

export class TrafficLedger {
  readonly #catalogue: Pick<Catalogue, "addTraffic" | "traffic">;
  readonly #pending = new Map<string, { readonly ref: ReleaseRef; traffic: Traffic }>();

  constructor(catalogue: Pick<Catalogue, "addTraffic" | "traffic">) {
    this.#catalogue = catalogue;
  }

  add(ref: ReleaseRef, more: Partial<Traffic>): void {
    const key = refOf(ref);
    const traffic = sum(this.#pending.get(key)?.traffic ?? NO_TRAFFIC, more);
    this.#pending.set(key, { ref: { product: ref.product, version: ref.version }, traffic });
  }

  /** Stored and pending. */
  async total(ref: ReleaseRef): Promise<Traffic> {
    const stored = await this.#catalogue.traffic(ref);
    return sum(stored, this.#pending.get(refOf(ref))?.traffic ?? {});
  }

  /** Stores what is pending. What cannot be stored stays pending. @throws CatalogueError catalogue.store */
  async flush(): Promise<void> {
    for (const [key, { ref, traffic }] of this.#pending) {
      this.#pending.delete(key);
      try {
        await this.#catalogue.addTraffic(ref, traffic);
      } catch (error) {
        this.add(ref, traffic);
        throw error;
      }
    }
  }
}

function sum(a: Traffic, b: Partial<Traffic>): Traffic {
  return {
    seedBytes: a.seedBytes + (b.seedBytes ?? 0),
    webSeedBytes: a.webSeedBytes + (b.webSeedBytes ?? 0),
    directBytes: a.directBytes + (b.directBytes ?? 0),
    completed: a.completed + (b.completed ?? 0),
    directDownloads: a.directDownloads + (b.directDownloads ?? 0),
  };
}
