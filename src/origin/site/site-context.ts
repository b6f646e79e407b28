// What drawing a page needs besides the release itself.

import type { OriginParts } from "../origin-parts.ts";
import type { SiteIdentity } from "./layout.ts";
import type { ReleaseContentsCache } from "./release-contents.ts";

export interface SiteContext {
  readonly parts: Pick<OriginParts, "catalogue" | "swarms" | "signing" | "clock">;
  readonly site: SiteIdentity;
  readonly contents: ReleaseContentsCache;
  /** By the monotonic clock. */
  readonly startedAt: number;
}
