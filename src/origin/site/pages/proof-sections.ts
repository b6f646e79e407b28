// "You never know what you are getting": the vendor's hash beside ours, the commands that check a file, the hashes
// themselves, and who signed them, down to the root that a client pins.

import type { Release, Vendor, VendorHash } from "../../domain.ts";
import type { SigningStatus } from "../../origin-parts.ts";
import { torrentPath } from "../addresses.ts";
import { externalLink } from "../external-link.ts";
import { html, type Html } from "../html.ts";
import { counted } from "../quantities.ts";
import { callout, command, copyable, day, section } from "../page-parts.ts";
import {
  certutilCommand,
  fileHashCommand,
  getCommand,
  sha256sumCommand,
  shasumCommand,
  verifyCommand,
  type FileHash,
} from "../verify-commands.ts";
import type { VisitorSystem } from "../visitor-system.ts";

const algorithmNames = { sha1: "SHA-1", sha256: "SHA-256", sha512: "SHA-512" } as const;

export function vendorSection(release: Release, vendor: Vendor): Html {
  return section(
    "vendor",
    "Whose it is",
    html`<p>
        This is software of <strong>${vendor.name}</strong>.
        ${vendor.url !== null && html`The vendor’s own page: ${externalLink(vendor.url)}`}
      </p>
      ${
        vendor.hashes.length === 0
          ? html`<p>The vendor’s own hash was not given when this was published.</p>`
          : comparison(release, vendor.hashes)
      }`,
  );
}

function comparison(release: Release, hashes: readonly VendorHash[]): Html {
  const rows = hashes.map(({ algorithm, hex }) => {
    const name = algorithmNames[algorithm];
    // Our SHA-512 is not kept: publishing compared it with the vendor's and would have refused another.
    const ours = algorithm === "sha512" ? hex : release[algorithm];
    return { name, hex, ours, isEqual: ours?.toLowerCase() === hex.toLowerCase() };
  });
  return html`<dl class="facts">
      ${rows.map(
        ({ name, hex, ours }) =>
          html`<div>
              <dt>${name} that the vendor published</dt>
              <dd>${copyable(hex, `the vendor’s ${name}`)}</dd>
            </div>
            <div>
              <dt>${name} of the file here</dt>
              <dd>${copyable(ours ?? "unknown", `our ${name}`)}</dd>
            </div>`,
      )}
    </dl>
    ${
      rows.every(({ isEqual }) => isEqual)
        ? callout(
            "good",
            html`<strong>Equal.</strong> The file here was hashed when it was published and has what the vendor
              published. Compare with the vendor’s page yourself.`,
          )
        : callout("bad", html`<strong>Not equal.</strong> Do not use this file, and tell whoever runs this origin.`)
    }`;
}

interface Way {
  readonly system: VisitorSystem;
  readonly title: string;
  readonly line: string;
  readonly says: string;
}

export function verifySection(release: Release, pageUrl: string, system: VisitorSystem): Html {
  const { name, sha256 } = release;
  return section(
    "verify",
    "Check it",
    html`<p>
        <strong>The command line does it all</strong>: it checks the signatures, fetches from the swarm, and checks
        every byte.
      </p>
      ${command(getCommand(pageUrl), "Command that fetches and verifies")}
      ${sha256 === null ? folderWay(release) : fileWays({ name, sha256 }, system)}`,
  );
}

function folderWay(release: Release): Html {
  return html`<p>
      BitTorrent clients check every piece as it comes. To check a folder that is there already, take the
      <a href="${torrentPath(release)}" download>torrent</a> and run
    </p>
    ${command(verifyCommand(release.name), "Command that verifies the folder")}`;
}

function fileWays(file: FileHash, system: VisitorSystem): Html {
  const ways: readonly Way[] = [
    { system: "windows", title: "Windows, PowerShell", line: fileHashCommand(file), says: "It has to say True." },
    {
      system: "windows",
      title: "Windows, command prompt",
      line: certutilCommand(file),
      says: "It has to show the SHA-256 below.",
    },
    { system: "macos", title: "macOS", line: shasumCommand(file), says: "It has to say OK." },
    { system: "linux", title: "Linux", line: sha256sumCommand(file), says: "It has to say OK." },
  ];
  const own = ways.filter((way) => way.system === system);
  const others = ways.filter((way) => way.system !== system);
  const steps = (way: Way): Html =>
    html`${command(way.line, `Command for ${way.title}`)}
      <p>${way.says}</p>`;
  return html`${own.length > 0 && html`<p>Or check a file that you have, in its folder:</p>`}
  ${own.map(
    (way) =>
      html`<h3>${way.title}</h3>
        ${steps(way)}`,
  )}
  ${others.map(
    (way) =>
      html`<details>
        <summary>${way.title}</summary>
        ${steps(way)}
      </details>`,
  )}`;
}

export function hashSection(release: Release): Html {
  const hashes = [
    ["SHA-256 of the file", release.sha256],
    ["SHA-1 of the file", release.sha1],
    ["Info-hash, BitTorrent v2", release.infoHashV2],
    ["Info-hash, BitTorrent v1", release.infoHashV1],
    ["Info-hash of the torrent for older clients", release.infoHashTwin],
  ] as const;
  return section(
    "hashes",
    "Hashes",
    html`<dl class="facts">
      ${hashes.map(
        ([name, hash]) =>
          hash !== null &&
          html`<div>
            <dt>${name}</dt>
            <dd>${copyable(hash, name)}</dd>
          </div>`,
      )}
    </dl>`,
  );
}

const roleSays: Readonly<Record<string, string>> = {
  targets: "names the torrent by its hash",
  snapshot: "says which metadata belongs together, so that nobody can mix old with new",
  timestamp: "says which snapshot is the newest, so that nobody can pass off an old one",
  root: "names the keys of all these roles",
};
const CHAIN = ["targets", "snapshot", "timestamp", "root"];

export function signatureSection({ product }: Release, { rootFingerprint, roles }: SigningStatus): Html {
  const ofChain = roles
    .filter(({ role }) => CHAIN.includes(role) || role === product)
    .toSorted((a, b) => CHAIN.indexOf(a.role) - CHAIN.indexOf(b.role));
  return section(
    "signatures",
    "Signed by",
    html`<p>From the torrent down to the root that a client pins. Who can trust the root can trust every byte.</p>
      <ol class="chain">
        <li><strong>torrent</strong> holds the hashes of every piece</li>
        ${ofChain.map(
          ({ role, version, expiresAt, threshold, keyIds }) =>
            html`<li>
              <strong>${role}</strong> ${roleSays[role] ?? "names the releases of this product"}
              <span class="chain-facts"
                >Version ${version}, signed by ${threshold} of ${counted(keyIds.length, "key")}, good until
                ${day(expiresAt)}</span
              >
            </li>`,
        )}
        <li class="chain-pin"><strong>pinned root</strong> ${copyable(rootFingerprint, "the root’s fingerprint")}</li>
      </ol>
      <p><a href="/keys">All keys, and how to pin the root</a></p>`,
  );
}
