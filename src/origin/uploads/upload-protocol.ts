// What a publisher and an origin say to each other, as one protocol for both ends. After the IETF's resumable uploads
// (draft-ietf-httpbis-resumable-upload), over one byte sequence: the payload's files one after the other, in the order of
// the metainfo.
//
//   GET    /api/v1/uploads             what new releases name: trackers, the site's address
//   POST   /api/v1/uploads?…           begins with the metainfo, or finds the same upload again: 201, 200
//   HEAD   /api/v1/uploads/ID          204, Upload-Offset: so much has come
//   PATCH  /api/v1/uploads/ID          Upload-Offset: where the body begins. 204; 409 with the right one where it is not
//   GET    /api/v1/uploads/ID/basis    what is signed now, to sign over
//   POST   /api/v1/uploads/ID/complete verifies, takes the signature in, publishes: 200; 202 while it is at it
//   DELETE /api/v1/uploads/ID          204

import type { Release, Vendor } from "../domain.ts";

export const UPLOADS_PATH = "/api/v1/uploads";
export const OFFSET_HEADER = "upload-offset";
export const LENGTH_HEADER = "upload-length";
export const METAINFO_TYPE = "application/x-bittorrent";
export const PART_TYPE = "application/partial-upload";

export interface UploadSettings {
  readonly publicUrl: string;
  readonly trackers: readonly string[];
}

/** "same": these bytes are that version already, and nothing is to be sent. */
export type BeginAnswer =
  | { readonly kind: "upload"; readonly id: string; readonly offset: number; readonly lengthBytes: number }
  | { readonly kind: "same"; readonly release: Release };

export interface BasisAnswer {
  /** Of the product's next release. */
  readonly sequence: number;
  /** Metadata files are JSON, so they travel as text. By name. */
  readonly signed: Readonly<Record<string, string>>;
}

export interface CompletionRequest {
  readonly channel: string;
  readonly vendor: Vendor | null;
  readonly notes: string | null;
  readonly sequence: number;
  readonly publishedAt: number;
  /** What the publisher signed, by role. */
  readonly signed: Readonly<Record<string, string>>;
}

/** "completing": it takes longer, and goes on; ask again. */
export type CompletionAnswer =
  | { readonly kind: "published" | "same"; readonly release: Release }
  | { readonly kind: "completing" };

export function signedToJson(signed: ReadonlyMap<string, Buffer>): Readonly<Record<string, string>> {
  return Object.fromEntries([...signed].map(([name, bytes]) => [name, bytes.toString("utf8")]));
}

export function signedFromJson(signed: Readonly<Record<string, string>>): ReadonlyMap<string, Buffer> {
  return new Map(Object.entries(signed).map(([name, text]) => [name, Buffer.from(text)]));
}
