// How large a role's targets may be: whatever signs or takes in a document asks here, so that none is stored that clients
// would cut off or read for seconds.

import { ROLE_TARGETS_MAX, TARGETS_BYTES_MAX } from "../core/index.ts";
import { encodeDocument, type Documents } from "./metadata-documents.ts";
import { ReleaseError } from "./release-error.ts";

/** Of a document as it is stored, signatures included. `advice` is a sentence. @throws ReleaseError release.too-many */
export function checkRoleSize(
  role: string,
  document: Documents["targets"],
  advice = "Give products keys of their own.",
): void {
  const count = Object.keys(document.signed.targets).length;
  if (count > ROLE_TARGETS_MAX) {
    const message = `${role} would have ${count} targets; more than ${ROLE_TARGETS_MAX} make every check slow. ${advice}`;
    throw new ReleaseError("release.too-many", message);
  }
  checkRoleLength(role, encodeDocument(document).length);
}

/** For bytes that nobody has parsed yet. @throws ReleaseError release.too-many */
export function checkRoleLength(role: string, lengthBytes: number): void {
  if (lengthBytes <= TARGETS_BYTES_MAX) return;
  throw new ReleaseError("release.too-many", `The role ${role} would be longer than ${TARGETS_BYTES_MAX} bytes.`);
}
