// Keys in files. Offline keys (root, targets, a publisher's) are encrypted: scrypt makes a key of the passphrase and
// AES-256-GCM seals the seed, with everything else in the file as its associated data, so that no field can be changed
// without the passphrase. The origin's online key is not encrypted, since the origin must sign while nobody is there;
// its protection is the file's mode, and that it can withdraw but not publish.
// Invariant: a key file is written once, whole, with mode 0600, and never replaced.

import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { lstat, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { KEY_FILE_BYTES_MAX, KEY_SCRYPT_COST, KEY_SCRYPT_COST_MAX, messageOf } from "../core/index.ts";
import { writeNewFile } from "../storage/index.ts";
import { RecordFields } from "./record-fields.ts";
import { KeyError } from "./release-error.ts";
import { generateSeed, publicKeyOf, signerFromSeed, type PublicKey, type Signer } from "./signing-key.ts";

/** What a key is for; a file of one purpose is refused for another. `publisher` signs one product. */
export type KeyPurpose = "root" | "targets" | "online" | "publisher";

export interface NewKeyFile {
  readonly path: string;
  readonly purpose: KeyPurpose;
  /** null writes the key unencrypted: for the online key alone. */
  readonly passphrase: string | null;
  /** scrypt's N, a power of two; KEY_SCRYPT_COST unless a test has no time. */
  readonly cost?: number;
}

export interface KeyFile {
  readonly upswarmKey: 1;
  readonly purpose: KeyPurpose;
  readonly public: string;
  readonly encryption: null | {
    readonly kdf: "scrypt";
    readonly cost: number;
    readonly blockSize: 8;
    readonly parallelization: 1;
    readonly salt: string;
    readonly cipher: "aes-256-gcm";
    readonly nonce: string;
  };
  /** In hex: the seed, or the sealed seed and the tag of 16 bytes. */
  readonly secret: string;
}

const scryptKey = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Makes a key and its file. @throws KeyError key.exists, key.write */
export async function createKeyFile(options: NewKeyFile): Promise<Signer> {
  const { path, purpose, passphrase, cost = KEY_SCRYPT_COST } = options;
  if (passphrase === null && purpose !== "online") throw new KeyError("key.passphrase", "This key needs a passphrase.");
  if (passphrase === "") throw new KeyError("key.passphrase", "The passphrase is empty.");
  // Before the dear part; the last word has the write.
  if (await stands(path)) throw keyExists(path);
  const seed = generateSeed();
  const signer = signerFromSeed(seed);
  const head = { upswarmKey: 1, purpose, public: signer.key.hex } as const;
  const file = passphrase === null ? { ...head, encryption: null, secret: seed.toString("hex") } : null;
  await writeNew(path, file ?? (await sealed(head, seed, passphrase ?? "", cost)));
  seed.fill(0);
  return signer;
}

/** @throws KeyError key.not-found, key.read, key.file, key.exposed, key.passphrase */
export async function readKeyFile(path: string, purpose: KeyPurpose, passphrase: string | null): Promise<Signer> {
  const file = parseKeyFile(await readBounded(path), path);
  if (file.purpose !== purpose) {
    throw new KeyError("key.file", `${path} holds a key for ${file.purpose}, and one for ${purpose} is needed.`);
  }
  if (file.encryption === null) await checkPrivate(path);
  const seed = file.encryption === null ? Buffer.from(file.secret, "hex") : await unsealed(file, path, passphrase);
  const signer = signerFromSeed(seed);
  seed.fill(0);
  if (signer.key.hex !== file.public) throw damaged(path, "its public key is not that of its private key");
  return signer;
}

/** What a key file says without a passphrase; whether that is true shows when it is opened. @throws KeyError */
export async function inspectKeyFile(
  path: string,
): Promise<{ path: string; purpose: KeyPurpose; key: PublicKey; isEncrypted: boolean }> {
  const file = parseKeyFile(await readBounded(path), path);
  return { path, purpose: file.purpose, key: publicKeyOf(file.public), isEncrypted: file.encryption !== null };
}

async function sealed(
  head: Pick<KeyFile, "upswarmKey" | "purpose" | "public">,
  seed: Buffer,
  passphrase: string,
  cost: number,
): Promise<KeyFile> {
  const [salt, nonce] = [randomBytes(32).toString("hex"), randomBytes(12).toString("hex")];
  const encryption = {
    kdf: "scrypt",
    cost,
    blockSize: 8,
    parallelization: 1,
    salt,
    cipher: "aes-256-gcm",
    nonce,
  } as const;
  const key = await derive(encryption, passphrase);
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.from(nonce, "hex"));
  cipher.setAAD(associatedData({ ...head, encryption }));
  const secret = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()]).toString("hex");
  return { ...head, encryption, secret };
}

async function unsealed(file: KeyFile, path: string, passphrase: string | null): Promise<Buffer> {
  const { encryption, secret } = file;
  if (encryption === null || passphrase === null) {
    throw new KeyError("key.passphrase", `${path} is encrypted: its passphrase is needed.`);
  }
  const bytes = Buffer.from(secret, "hex");
  const decipher = createDecipheriv(
    "aes-256-gcm",
    await derive(encryption, passphrase),
    Buffer.from(encryption.nonce, "hex"),
    { authTagLength: 16 },
  );
  decipher.setAAD(associatedData(file));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]);
  } catch (cause) {
    const message = `The passphrase of ${path} is wrong, or the file was changed.`;
    throw new KeyError("key.passphrase", message, { cause });
  }
}

async function derive(encryption: NonNullable<KeyFile["encryption"]>, passphrase: string): Promise<Buffer> {
  const { cost, blockSize, parallelization, salt } = encryption;
  // Twice what the algorithm needs (128 · N · r): OpenSSL counts a little more than that.
  const options = { cost, blockSize, parallelization, maxmem: 256 * cost * blockSize };
  // One person's keyboard writes an accent as one character, another's as two.
  return await scryptKey(passphrase.normalize("NFC"), Buffer.from(salt, "hex"), 32, options);
}

/** Everything but the secret, in one order. */
function associatedData(file: Omit<KeyFile, "secret">): Buffer {
  const { upswarmKey, purpose, encryption } = file;
  return Buffer.from(JSON.stringify({ upswarmKey, purpose, public: file.public, encryption }));
}

/** `path` is for messages. @throws KeyError key.file */
export function parseKeyFile(text: string, path: string): KeyFile {
  try {
    const fields = new RecordFields(JSON.parse(text), "The key file", "release.record");
    const encryption = fields.nullable("encryption", (name) => parseEncryption(fields.raw(name)));
    const file: KeyFile = {
      upswarmKey: fields.oneOf("upswarmKey", [1]),
      purpose: fields.oneOf("purpose", ["root", "targets", "online", "publisher"]),
      public: fields.hex("public", 64),
      encryption,
      secret: fields.hex("secret", encryption === null ? 64 : 96),
    };
    fields.end();
    return file;
  } catch (cause) {
    throw damaged(path, messageOf(cause), cause);
  }
}

function parseEncryption(value: unknown): NonNullable<KeyFile["encryption"]> {
  const fields = new RecordFields(value, "The key file's encryption", "release.record");
  const encryption = {
    kdf: fields.oneOf("kdf", ["scrypt"]),
    cost: fields.integer("cost", 2, KEY_SCRYPT_COST_MAX),
    blockSize: fields.oneOf("blockSize", [8]),
    parallelization: fields.oneOf("parallelization", [1]),
    salt: fields.hex("salt", 64),
    cipher: fields.oneOf("cipher", ["aes-256-gcm"]),
    nonce: fields.hex("nonce", 24),
  };
  fields.end();
  if (!Number.isInteger(Math.log2(encryption.cost))) throw fields.refused("cost", "is no power of two");
  return encryption;
}

async function writeNew(path: string, file: KeyFile): Promise<void> {
  try {
    await writeNewFile(path, `${JSON.stringify(file, null, 2)}\n`, 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") throw keyExists(path, cause);
    throw new KeyError("key.write", `${path} cannot be written: ${messageOf(cause)}.`, { cause });
  }
}

async function stands(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

function keyExists(path: string, cause?: unknown): KeyError {
  return new KeyError("key.exists", `${path} exists: a key is never overwritten. Choose another name.`, { cause });
}

async function readBounded(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > KEY_FILE_BYTES_MAX) throw damaged(path, `it has ${size} bytes`);
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    const isAbsent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    if (isAbsent) throw new KeyError("key.not-found", `There is no key ${path}.`, { cause });
    throw new KeyError("key.read", `The key ${path} cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

async function checkPrivate(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  throw new KeyError(
    "key.exposed",
    `${path} is not encrypted and others can read it: chmod 600 it, or rotate the key.`,
  );
}

function damaged(path: string, why: string, cause?: unknown): KeyError {
  return new KeyError("key.file", `${path} is no key file that can be used: ${why}.`, { cause });
}
