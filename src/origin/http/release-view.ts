// A release as the API shows it: what the catalogue knows, and where its doors are. A withdrawn one has none but its page.

import { formatMagnet } from "../../metainfo/index.ts";
import type { Product, Release } from "../domain.ts";
import type { OriginConfig } from "../origin-parts.ts";

export interface ReleaseView extends Release {
  readonly links: {
    readonly page: string;
    readonly torrent: string | null;
    readonly torrentV1: string | null;
    readonly magnet: string | null;
    /** Of a single file. */
    readonly direct: string | null;
  };
}

type ViewConfig = Pick<OriginConfig, "publicUrl" | "trackers">;

export function releaseView(release: Release, { publicUrl, trackers }: ViewConfig): ReleaseView {
  const { infoHashV1, infoHashV2, name, lengthBytes } = release;
  const path = [release.product, release.version].map(encodeURIComponent).join("/");
  const page = `${publicUrl}/${path}`;
  const file = encodeURIComponent(name);
  if (release.withdrawal !== null) {
    return { ...release, links: { page, torrent: null, torrentV1: null, magnet: null, direct: null } };
  }
  const links = {
    page,
    torrent: `${page}/${file}.torrent`,
    torrentV1: `${page}/${file}.v1.torrent`,
    magnet: formatMagnet({ infoHashV1, infoHashV2, name, lengthBytes, trackers }),
    direct: release.kind === "file" ? `${publicUrl}/download/${path}/${file}` : null,
  };
  return { ...release, links };
}

export function productView(product: Product, config: ViewConfig): Omit<Product, "newest"> & { newest: ReleaseView } {
  return { ...product, newest: releaseView(product.newest, config) };
}
