// Which system a reader probably has, from the User-Agent: only the order of the instructions follows from it, so a wrong
// guess hides nothing. Phones count as unknown: nobody hashes a file there.

export type VisitorSystem = "windows" | "macos" | "linux" | "unknown";

export function visitorSystem(userAgent: string | undefined): VisitorSystem {
  if (userAgent === undefined || /Android|iPhone|iPad|Mobile/.test(userAgent)) return "unknown";
  if (/Windows/.test(userAgent)) return "windows";
  if (/Macintosh|Mac OS X/.test(userAgent)) return "macos";
  return /Linux|X11|BSD|CrOS/.test(userAgent) ? "linux" : "unknown";
}
