// `upswarm keys revoke-delegation`: a product's publisher leaves, or somebody else has its keys. Which of its releases the
// targets keys vouch for from then on is said by whoever types it: a signature over what a thief may have published must never
// happen by default, and neither must a page that says to everybody that keys were stolen.

import type { KeptReleases } from "../../release/index.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { keysOption, KeyWork } from "../key-work.ts";
import { dataOption } from "../origin-options.ts";
import { passphraseOption } from "../passphrase.ts";
import { rows } from "../torrent-summary.ts";

const DEFAULT_REASON = "The keys of its publisher were taken back.";

export const keysRevokeDelegationCommand: Command = defineCommand({
  name: "keys revoke-delegation",
  summary: "take a product's own keys back, as when its publisher leaves or its keys are stolen",
  description: [
    "From then on the targets keys sign the product again, and what its own keys sign counts for nothing. The releases that " +
      "they signed are signed anew by the targets keys where --keep, --keep-until or --keep-all names them; all others are " +
      "withdrawn in the same step. With --keep-none that is all of them. Releases from before the delegation stay.",
    "What is withdrawn already is signed anew by --keep alone, which goes together with --keep-until and --keep-all; " +
      "otherwise it stays withdrawn for its old reason, and nobody signs it.",
    "Channels stay where nothing is dropped, and with --keep-all unless a dropped release was withdrawn with key-compromise; " +
      "otherwise they stand at the newest release that is left. A running origin follows within a second. keys delegate " +
      "gives the product to another publisher, and restore with the targets keys brings single releases back.",
  ],
  positionals: { product: { placeholder: "PRODUCT", summary: "A product with keys of its own" } },
  options: {
    ...dataOption,
    ...keysOption,
    ...passphraseOption,
    keep: {
      kind: "list",
      of: "string",
      placeholder: "VERSION",
      summary: "Sign this release anew, also where it is withdrawn; may be given several times",
    },
    keepUntil: {
      kind: "string",
      placeholder: "VERSION",
      summary: "Sign this release anew, and all before it that are not withdrawn",
    },
    keepAll: {
      kind: "flag",
      summary: "Sign all of them anew that are not withdrawn: the keys were never in wrong hands",
    },
    keepNone: { kind: "flag", summary: "Sign none of them anew: withdraw them all" },
    kind: {
      kind: "choice",
      choices: ["key-compromise", "recall"],
      default: "key-compromise",
      summary: "Why the others are withdrawn: what signed them is not trusted any more, or a recall",
    },
    reason: { kind: "string", default: DEFAULT_REASON, summary: "A sentence for the pages of the others" },
  },
  examples: [
    {
      line: "upswarm keys revoke-delegation editor --keys /media/stick --keep-until 1.4",
      does: "its key was stolen after 1.4",
    },
    {
      line: "upswarm keys revoke-delegation editor --keys /media/stick --keep-all",
      does: "its publisher leaves",
    },
  ],
  json: [
    "product, kept (versions that are signed anew), dropped (versions that nobody signs), files (what was written)",
    "withdrawnBefore (those of dropped that were withdrawn already, and keep their reason)",
    "channels [{channel, version}]",
  ],
  async run({ positionals, options }, context) {
    const { product } = positionals;
    const keep = keepOf(options);
    const why = { kind: options.kind, reason: options.reason };
    const { parseProductName } = await import("../../release/index.ts");
    parseProductName(product);
    await using work = await KeyWork.open(options, context);
    checkIsDelegated(work, product);
    const signers = await work.signersOf("targets");
    const onlineSigner = await work.onlineSigner();
    const now = context.clock.wallMs();
    const { change, unquarantined } = await work.storeWithdrawing((repository) =>
      repository.revokeDelegation({ product, keep, why, signers, onlineSigner, now }),
    );
    const { files, kept, dropped } = change;
    const withdrawn = change.withdrawals.map(({ version }) => version);
    const withdrawnBefore = dropped.filter((version) => !withdrawn.includes(version));
    const stand = change.channels.map(({ channel, version }) => ({ channel, version }));
    const names = [...files.keys()];
    const text = `${product} is signed by the targets keys again: ${names.join(", ")}.\n${rows([
      ["signed anew", kept.join(", ") || "none"],
      ["withdrawn", withdrawn.join(", ") || "none"],
      ["was withdrawn and stays so", withdrawnBefore.join(", ") || "none"],
      ...stand.map(({ channel, version }) => [`channel ${channel}`, version] as const),
    ])}`;
    context.print({ product, kept, dropped, withdrawnBefore, channels: stand, files: names }, text);
    if (unquarantined !== null) {
      context.note(
        `Not every payload that was withdrawn is in quarantine yet: ${unquarantined.message} Nothing is lost, and nobody is ` +
          "served them. Put right what failed; the next start of upswarm serve quarantines them.",
      );
    }
  },
});

interface KeepOptions {
  readonly keep: readonly string[];
  readonly keepUntil: string | null;
  readonly keepAll: boolean;
  readonly keepNone: boolean;
}

/** @throws UsageError */
function keepOf({ keep, keepUntil, keepAll, keepNone }: KeepOptions): KeptReleases {
  const ways = [keepUntil !== null, keepAll, keepNone].filter(Boolean).length;
  const isNamed = keep.length > 0;
  if (ways > 1 || (isNamed ? keepNone : ways === 0)) {
    throw new UsageError(
      "usage.option",
      "Say which of the product's releases the targets keys vouch for from now on, in one way: --keep-until VERSION or " +
        "--keep-all, --keep VERSION beside them or alone, or --keep-none. All others are withdrawn.",
    );
  }
  return keepAll ? { versions: keep, all: true } : { versions: keep, until: keepUntil };
}

/** @throws UsageError */
function checkIsDelegated({ repository }: KeyWork, product: string): void {
  if (repository.roleOf(product) === product) return;
  throw new UsageError("usage.argument", `${product} has no keys of its own: the targets keys sign it.`);
}
