// The origin's own key: of the files in DATA/keys the one that the repository's timestamp names. After a rotation the old
// file lies there still; which of them counts, the repository says.

import { findKeys, KeyError, openSigners, type Repository, type Signer } from "../../release/index.ts";

/** @throws KeyError key.threshold where the key is not there, key.exposed, key.file */
export async function openOnlineSigner(keysFolder: string, repository: Repository): Promise<Signer> {
  const keys = repository.expiries().find(({ role }) => role === "timestamp")?.keys ?? { keys: [], threshold: 1 };
  const encrypted = (): never => {
    throw new KeyError(
      "key.passphrase",
      `The origin's key in ${keysFolder} is encrypted: nobody could type its passphrase.`,
    );
  };
  const [signer] = await openSigners(await findKeys([keysFolder]), { name: "timestamp", ...keys }, encrypted);
  if (signer === undefined) throw new KeyError("key.threshold", "The repository's timestamp has no key.");
  return signer;
}
