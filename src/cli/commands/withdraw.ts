// `upswarm withdraw PRODUCT VERSION` and `upswarm restore PRODUCT VERSION`, on an origin on this machine; a running `serve`
// follows within a second.

import type { Release } from "../../origin/index.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { codeOf } from "../exit-codes.ts";
import { keysOption, KeyWork } from "../key-work.ts";
import { dataOption } from "../origin-options.ts";
import { passphraseOption } from "../passphrase.ts";

const releasePositionals = {
  product: { placeholder: "PRODUCT", summary: "The product" },
  release: { placeholder: "VERSION", summary: "The version" },
} as const;

export const withdrawCommand: Command = defineCommand({
  name: "withdraw",
  summary: "take a release back: nobody is served it any more, and its page says why",
  description: [
    "Tracker, first seed, web seed and downloads refuse it, its page becomes a tombstone, and the signed metadata says so, so " +
      "that upswarm get refuses it too. The payload is quarantined, not deleted: upswarm restore brings everything back. " +
      "Other BitTorrent clients that have it cannot be recalled.",
  ],
  positionals: releasePositionals,
  options: {
    ...dataOption,
    kind: {
      kind: "choice",
      choices: ["recall", "legal", "key-compromise"],
      default: "recall",
      summary: "recall: broken or insecure; legal: on a demand; key-compromise: what signed it is not trusted any more",
    },
    reason: { kind: "string", required: true, summary: "A sentence for the page" },
    demandedBy: { kind: "string", placeholder: "NAME", summary: "Who demanded it" },
    vendorUrl: { kind: "url", summary: "The vendor's own page; by default that of the release" },
    replacedBy: { kind: "string", placeholder: "VERSION", summary: "The version to take instead" },
  },
  examples: [
    {
      line: "upswarm withdraw update 7.2 --reason 'It does not start on older machines.' --replaced-by 7.3",
      does: "a recall",
    },
  ],
  json: ["product, version, kind, reason, at (ISO 8601)"],
  async run({ positionals: { product, release: version }, options }, context) {
    const { openOriginFolder } = await import("../../origin/index.ts");
    await using origin = await openOriginFolder(options.data, context);
    const { kind, reason, demandedBy, replacedBy } = options;
    const before = await origin.catalogue.release({ product, version });
    const vendorUrl = options.vendorUrl ?? before?.vendor?.url ?? null;
    const withdrawal = { kind, reason, demandedBy, vendorUrl, replacedBy, caseId: null };
    const release = await origin.lifecycle.withdraw({ product, version }, withdrawal);
    const wasWithdrawn = before !== null && before.withdrawal !== null;
    const said = wasWithdrawn ? "was withdrawn already; its first reason stands" : "is withdrawn";
    context.print(resultOf(release), `${product} ${version} ${said}.`);
  },
});

export const restoreCommand: Command = defineCommand({
  name: "restore",
  summary: "bring a withdrawn release back",
  description: [
    "A release whose publisher's keys were taken back (keys revoke-delegation) is signed by nobody: it comes back with the " +
      "keys that sign the product now, which are asked for. Its channel moves to it only where it stands at nothing that is " +
      "signed.",
  ],
  positionals: releasePositionals,
  options: { ...dataOption, ...keysOption, ...passphraseOption },
  examples: [
    { line: "upswarm restore update 7.2", does: "page, tracker, seed and downloads serve it again" },
    { line: "upswarm restore editor 1.3 --keys /media/stick", does: "signs anew what nobody signs any more" },
  ],
  json: ["product, version"],
  async run({ positionals: { product, release: version }, options }, context) {
    const { openOriginFolder } = await import("../../origin/index.ts");
    await using origin = await openOriginFolder(options.data, context);
    try {
      await origin.lifecycle.restore({ product, version });
    } catch (error) {
      if (codeOf(error) !== "release.unsigned") throw error;
      await using work = await KeyWork.open(options, context);
      const role = work.repository.roleOf(product);
      context.note(`Nobody signs ${product} ${version} any more: it comes back signed by the keys of ${role}.`);
      const signers = await work.signersOf(role);
      await origin.lifecycle.restore({ product, version }, signers);
    }
    context.print({ product, version }, `${product} ${version} is back.`);
  },
});

function resultOf({ product, version, withdrawal }: Release): object {
  const { kind = null, reason = null, at = 0 } = withdrawal ?? {};
  return { product, version, kind, reason, at: new Date(at).toISOString() };
}
