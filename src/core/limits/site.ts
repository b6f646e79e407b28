// The limits of sites: machines with cheap links between them (docs/decisions/0013-sites.md).

/** Bytes of a site's announced name: an office, a rack; it travels in every announce. */
export const SITE_NAME_BYTES_MAX = 64;
/** A machine of the site that brings nothing in for this long, though there is something for it, loses its share … */
export const SITE_STALLED_AFTER_MS = 2_000;
/** … or for so many times as long as machines of the site take between two pieces: a slow link is nobody's fault. */
export const SITE_STALLED_GAPS = 4;
/** Pieces that a peer suggests (BEP 6) and that are remembered: a super-seed has two on offer. */
export const SUGGESTIONS_MAX = 64;
/** An outside peer that has nothing for us to fetch is searched again after this time: its pieces are many, and ours few. */
export const SITE_SEARCH_AGAIN_MS = 100;
/** How often it is looked at whether somebody stalls: a walk over the pieces. */
export const SITE_LOOK_MS = 500;
/**
 * Pieces that came from inside the site are told outside after this time, many at once: whoever brought them in has told
 * already, and a packet for each piece and neighbour would take a tenth of the slow link.
 */
export const SITE_LATE_HAVE_MS = 2_000;
