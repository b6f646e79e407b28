// The Range header (RFC 9110, 14). One range is served. Several at once are answered with the whole, as the RFC allows: no
// client of ours or of BitTorrent asks for them, and multipart answers are where servers were attacked.

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** "whole" where the header is to be ignored; "unsatisfiable" where nothing of it is there (416). */
export function parseRange(header: string | undefined, lengthBytes: number): ByteRange | "whole" | "unsatisfiable" {
  const match = /^bytes=(\d*)-(\d*)$/i.exec((header ?? "").replaceAll(/[ \t]/g, ""));
  if (match === null) return "whole";
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return "whole";
  if (from === "") {
    // The last so many bytes.
    const suffixBytes = Math.min(Number(to), lengthBytes);
    return suffixBytes === 0 ? "unsatisfiable" : { first: lengthBytes - suffixBytes, last: lengthBytes - 1 };
  }
  const first = Number(from);
  if (to !== "" && Number(to) < first) return "whole";
  if (first >= lengthBytes) return "unsatisfiable";
  return { first, last: to === "" ? lengthBytes - 1 : Math.min(Number(to), lengthBytes - 1) };
}
