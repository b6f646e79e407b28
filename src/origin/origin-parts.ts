// What the front ends of the origin (pages, API, downloads, notices, admin) are given: the seams between its parts. Each
// front end is a function `registerX(app, parts)`; `http/create-app.ts` joins them.

import type { Clock, Log, Random } from "../core/index.ts";
import type { Signer } from "../release/index.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Database } from "./database/open-database.ts";
import type { LiveSwarm, Release, ReleaseRef, Traffic, Withdrawal } from "./domain.ts";
import type { PayloadStore } from "./payloads/payload-store.ts";

/** Who receives notices on behalf of the origin (17 U.S.C. 512(c)(2)). */
export interface DesignatedAgent {
  readonly name: string;
  readonly organization: string | null;
  readonly postalAddress: string;
  readonly phone: string | null;
  readonly email: string;
}

export interface MailSettings {
  /** smtp(s)://user:password@host:port */
  readonly smtpUrl: string;
  readonly from: string;
}

export interface NoticesOptions {
  /** review: an administrator complies. receipt: a complete notice is complied with at once, where an e-mail was asked to be
   * confirmed when it was. */
  readonly actOn?: "review" | "receipt";
  /** automatic: what was forwarded is restored on the last day, unless a person did something before. */
  readonly putBack?: "automatic" | "manual";
  /** Whose business days count. */
  readonly timeZone?: string;
}

export interface OriginConfig {
  /** What the site calls itself. */
  readonly title: string;
  /** Where the world reaches the site, without a slash at the end: https://updates.example */
  readonly publicUrl: string;
  /** Announce URLs that new releases name. */
  readonly trackers: readonly string[];
  readonly agent: DesignatedAgent | null;
  readonly mail: MailSettings | null;
  /** How notices are dealt with; what is not said has its default. */
  readonly notices?: NoticesOptions;
  /** Addresses or networks (CIDR) of proxies whose X-Forwarded-For and -Proto count. Empty: nobody's. */
  readonly trustedProxies: readonly string[];
}

export interface Swarms {
  live(ref: ReleaseRef): Promise<LiveSwarm>;
  /** Called every few seconds while somebody listens. Returns how to stop. */
  subscribe(ref: ReleaseRef, listener: (live: LiveSwarm) => void): () => void;
  /** The downloads say what they sent. Counts are gathered and stored now and then. */
  sentByHttp(ref: ReleaseRef, sent: Partial<Pick<Traffic, "webSeedBytes" | "directBytes" | "directDownloads">>): void;
}

/** What changes a release: signed, stored, and acted upon by tracker, seed and downloads before it returns. */
export interface ReleaseLifecycle {
  /** @throws CatalogueError catalogue.unknown */
  withdraw(ref: ReleaseRef, withdrawal: Omit<Withdrawal, "at">): Promise<Release>;
  /**
   * Of a withdrawn one: everything comes back. `signers`, of the role that signs the product now, where nobody signs the
   * release any more. @throws CatalogueError catalogue.unknown; ReleaseError release.unsigned
   */
  restore(ref: ReleaseRef, signers?: readonly Signer[]): Promise<Release>;
  /** Deletes the payload of a withdrawn release for good. @throws CatalogueError, PayloadError */
  purge(ref: ReleaseRef): Promise<void>;
}

/** Of the signed metadata, for pages and the admin. Times are milliseconds since 1970. */
export interface SigningStatus {
  /** SHA-256 of the first root's file, hex: what a client pins. */
  readonly rootFingerprint: string;
  readonly roles: readonly {
    readonly role: string;
    readonly version: number;
    readonly expiresAt: number;
    readonly threshold: number;
    readonly keyIds: readonly string[];
  }[];
}

export interface OriginParts {
  readonly config: OriginConfig;
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly payloads: PayloadStore;
  readonly swarms: Swarms;
  readonly lifecycle: ReleaseLifecycle;
  readonly signing: { status(): Promise<SigningStatus> };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
