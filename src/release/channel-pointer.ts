// Which release a channel stands at: the custom data and the bytes of `PRODUCT/channels/CHANNEL.json`. Publishing to the
// channel points it anew; it is the one kind of target that a publisher may change.

import { parseChannelName, parseProductName, parseVersion } from "./names.ts";
import { RecordFields } from "./record-fields.ts";
import { releasePath } from "./target-paths.ts";

export interface ChannelPointer {
  readonly schema: 1;
  readonly product: string;
  readonly channel: string;
  readonly version: string;
  /** The path of the release's target. */
  readonly target: string;
}

export function pointerTo(product: string, channel: string, version: string): ChannelPointer {
  return { schema: 1, product, channel, version, target: releasePath(product, version) };
}

/** From untrusted JSON. @throws ReleaseError release.pointer */
export function parseChannelPointer(value: unknown): ChannelPointer {
  const fields = new RecordFields(value, "The channel pointer", "release.pointer");
  fields.oneOf("schema", [1]);
  const product = fields.parsed("product", parseProductName);
  const channel = fields.parsed("channel", parseChannelName);
  const version = fields.parsed("version", parseVersion);
  const target = fields.raw("target");
  fields.end();
  const pointer = pointerTo(product, channel, version);
  if (target !== pointer.target) throw fields.refused("target", "is not the target of that version");
  return pointer;
}
