// What one element of a path may be. A name that is unsafe on any system is refused, never repaired: two machines
// that repair it differently would hold different releases, and whoever reviews a release must see its real names.
//
// Invariant: an element that passes names exactly one entry of one folder on Linux, macOS and Windows, and looks like
// what it is. Whether two elements fall together is path-tree.ts's affair.

import { isUtf8 } from "node:buffer";
import { PATH_ELEMENT_MAX_BYTES } from "../core/index.ts";
import { MetainfoError, shown } from "./errors.ts";
import type { MetainfoErrorCode } from "./errors.ts";

/** From the bytes of a metainfo. `what` begins the message: "The file's name". @throws MetainfoError */
export function parsePathElement(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) {
    throw new MetainfoError("metainfo.path-encoding", `${what} ${shown(bytes.toString("latin1"))} is not UTF-8.`);
  }
  return checkPathElement(bytes.toString("utf8"), what);
}

// CON and the like open devices on Windows whatever extension follows, and so do the superscript digits.
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])\s*(?:\..*)?$/isu;
// Format characters (bidi controls, zero-width, byte order mark, soft hyphen, tags), fillers that show as nothing,
// and the separators that break a line: all of them let a name look like another.
const invisible = /\p{Cf}|\p{Zl}|\p{Zp}|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/u;

/** @returns the element. @throws MetainfoError */
export function checkPathElement(element: string, what: string): string {
  const refuse = (code: MetainfoErrorCode, fault: string): never => {
    throw new MetainfoError(code, `${what} ${shown(element)} ${fault}.`);
  };
  if (element === "") refuse("metainfo.path-empty", "is empty");
  if (element === "." || element === "..") refuse("metainfo.path-dot", "is a step in the tree and no name");
  if (!element.isWellFormed()) refuse("metainfo.path-encoding", "is not Unicode (a lone surrogate)");
  if (/[/\\]/.test(element)) refuse("metainfo.path-separator", "contains a path separator");
  if (/\p{Cc}/u.test(element)) refuse("metainfo.path-control", "contains a control character");
  if (invisible.test(element))
    refuse("metainfo.path-invisible", "contains a character that is invisible or turns the text around");
  if (/[<>:"|?*]/.test(element))
    refuse("metainfo.path-reserved", 'contains one of < > : " | ? *, which Windows reserves');
  if (/[. ]$/.test(element)) refuse("metainfo.path-trailing", "ends in a dot or a space, which Windows drops");
  if (device.test(element)) refuse("metainfo.path-device", "is the name of a device on Windows");
  if (Buffer.byteLength(element) > PATH_ELEMENT_MAX_BYTES) {
    refuse("metainfo.path-length", `is longer than ${PATH_ELEMENT_MAX_BYTES} bytes`);
  }
  return element;
}

/** Equal for names that a case-insensitive or normalising file system takes for one. */
export function foldName(name: string): string {
  // Lower first: some capitals (the Kelvin sign) have a plain letter only there; then upper, which joins ß with SS
  // and the two forms of sigma.
  return /^[\u0020-\u007e]*$/.test(name)
    ? name.toUpperCase()
    : name.normalize("NFC").toLowerCase().toUpperCase().normalize("NFC");
}
