// Ed25519 keys as TUF names them (TUF 4.2). A signer is whatever can sign with one: a key from a file here, a token
// elsewhere; nothing else in this folder sees a private key.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { ReleaseError } from "./release-error.ts";

export interface PublicKey {
  /** SHA-256 of the key's canonical JSON, in hex. */
  readonly keyId: string;
  /** 32 bytes in hex. */
  readonly hex: string;
}

export interface Signer {
  readonly key: PublicKey;
  sign(bytes: Buffer): Buffer;
}

/** A key's JSON in metadata. */
export interface KeyJson {
  [field: string]: string | { public: string };
  keytype: "ed25519";
  scheme: "ed25519";
  keyval: { public: string };
}

export function keyJson(key: PublicKey): KeyJson {
  return { keytype: "ed25519", scheme: "ed25519", keyval: { public: key.hex } };
}

/** @throws ReleaseError release.metadata */
export function publicKeyOf(hex: string): PublicKey {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new ReleaseError("release.metadata", "A public key is 64 hex digits.");
  // Canonical JSON: keys in order, no spaces; of these plain values JSON.stringify makes just that.
  const canonical = JSON.stringify({ keytype: "ed25519", keyval: { public: hex }, scheme: "ed25519" });
  return { keyId: createHash("sha256").update(canonical).digest("hex"), hex };
}

/** The seed of 32 bytes from which Ed25519's key pair follows (RFC 8032, 5.1.5). */
export function generateSeed(): Buffer {
  const { privateKey } = generateKeyPairSync("ed25519");
  return privateKey.export({ type: "pkcs8", format: "der" }).subarray(seedPrefix.length);
}

/** What stands before the seed in PKCS #8 (RFC 8410, 7). */
const seedPrefix = Buffer.from("302e020100300506032b657004220420", "hex");

export function signerFromSeed(seed: Buffer): Signer {
  const der = Buffer.concat([seedPrefix, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  const key = publicKeyOf(publicHex(privateKey));
  return { key, sign: (bytes) => sign(null, bytes, privateKey) };
}

function publicHex(privateKey: KeyObject): string {
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return der.subarray(der.length - 32).toString("hex");
}
