// The paths of targets. They follow from product, version and channel alone, so that a client finds a release without
// listing anything, and delegations by path patterns say who may sign what:
//   PRODUCT/VERSION/PRODUCT-VERSION.torrent   the hybrid metainfo; custom data is the ReleaseRecord
//   PRODUCT/channels/CHANNEL.json             the ChannelPointer
//   withdrawals/PRODUCT/VERSION.json          the WithdrawalRecord
// The file's own name is not the artifact's: that may hold characters which URLs and path patterns take for their own.

import { parseChannelName, parseProductName, parseVersion } from "./names.ts";

export type TargetName =
  | { readonly kind: "release"; readonly product: string; readonly version: string }
  | { readonly kind: "channel"; readonly product: string; readonly channel: string }
  | { readonly kind: "withdrawal"; readonly product: string; readonly version: string };

export const WITHDRAWALS_ROLE = "withdrawals";
/** Of the role that may withdraw and nothing else. */
export const withdrawalPatterns: readonly string[] = [`${WITHDRAWALS_ROLE}/*/*.json`];

export function releasePath(product: string, version: string): string {
  return `${product}/${version}/${product}-${version}.torrent`;
}

export function channelPath(product: string, channel: string): string {
  return `${product}/channels/${channel}.json`;
}

export function withdrawalPath(product: string, version: string): string {
  return `${WITHDRAWALS_ROLE}/${product}/${version}.json`;
}

/** What a role of a product's own may sign: `*` stands for no slash, so this is releases and channels of that product. */
export function productPatterns(product: string): readonly string[] {
  return [`${product}/*/*`];
}

/** What a path names; null where it is none of ours. */
export function targetNameOf(path: string): TargetName | null {
  const [first = "", second = "", third = "", ...rest] = path.split("/");
  if (rest.length > 0 || third === "") return null;
  try {
    const name = namedBy(first, second, third);
    return name !== null && pathOf(name) === path ? name : null;
  } catch {
    // The parsers' refusal of a name is the answer: it is no path of ours.
    return null;
  }
}

function namedBy(first: string, second: string, third: string): TargetName | null {
  if (first === WITHDRAWALS_ROLE) {
    const version = parseVersion(third.replace(/\.json$/, ""));
    return { kind: "withdrawal", product: parseProductName(second), version };
  }
  const product = parseProductName(first);
  if (second === "channels") {
    return { kind: "channel", product, channel: parseChannelName(third.replace(/\.json$/, "")) };
  }
  return { kind: "release", product, version: parseVersion(second) };
}

function pathOf(name: TargetName): string {
  if (name.kind === "release") return releasePath(name.product, name.version);
  if (name.kind === "channel") return channelPath(name.product, name.channel);
  return withdrawalPath(name.product, name.version);
}
