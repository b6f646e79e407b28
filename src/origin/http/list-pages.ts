// Pages of the API's lists: `limit` items from the position in `cursor` on, and the address of the next page as a link
// (RFC 8288, rel="next") where there is one. A cursor says after which item, and not how many came before: what is
// published meanwhile neither repeats an item nor leaves one out. It is opaque to clients, and comes from anybody, so
// what it says is checked like any input.

import type { FastifyReply, FastifyRequest } from "fastify";
import {
  ORIGIN_API_CURSOR_CHARACTERS_MAX,
  ORIGIN_API_PAGE_ITEMS_DEFAULT,
  ORIGIN_API_PAGE_ITEMS_MAX,
} from "../../core/index.ts";
import type { ListPart } from "../catalogue/catalogue.ts";
import { HttpProblem } from "./problem.ts";

export interface PagedRoute {
  readonly Querystring: { readonly limit: number; readonly cursor?: string };
}

/** How a list is read in parts. A position is what JSON holds. */
export interface Listing<Item, Position> {
  /** Kept in its cursors, so that those of another list are refused. */
  readonly name: string;
  read(part: ListPart<Position>): Promise<readonly Item[]>;
  positionOf(item: Item): Position;
  /** Null where it is none. */
  parsePosition(value: unknown): Position | null;
}

/** The page that is asked for; its reply gets the link to the next. @throws HttpProblem request.cursor */
export async function pageOf<Item, Position>(
  { query, url }: FastifyRequest<PagedRoute>,
  reply: FastifyReply,
  listing: Listing<Item, Position>,
): Promise<readonly Item[]> {
  const { limit, cursor } = query;
  const after = cursor === undefined ? null : parseCursor(listing, cursor);
  // One more than is shown: whether there is a next page is known without counting.
  const items = await listing.read({ after, countMax: limit + 1 });
  const page = items.slice(0, limit);
  const last = page.at(-1);
  if (items.length > limit && last !== undefined) {
    const next = new URLSearchParams({
      limit: String(limit),
      cursor: encodeCursor(listing.name, listing.positionOf(last)),
    });
    reply.header("Link", `<${url.split("?")[0]}?${next.toString()}>; rel="next"`);
  }
  return page;
}

function encodeCursor(name: string, position: unknown): string {
  return Buffer.from(JSON.stringify([name, position])).toString("base64url");
}

function parseCursor<Item, Position>(listing: Listing<Item, Position>, cursor: string): Position {
  const [name, value] = jsonIn(cursor);
  const position = name === listing.name ? listing.parsePosition(value) : null;
  if (position !== null) return position;
  throw new HttpProblem(400, "request.cursor", "The cursor is none of this list: begin without one.");
}

function jsonIn(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    // JSON.parse()'s error would say what a cursor is made of; the caller's says what to do.
    return [];
  }
}

/** Of a list by names. */
export function parseText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Of a list by numbers. */
export function parseNumber(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}

/** For the schema of a route's query. */
export const pageQuery: Readonly<Record<string, unknown>> = {
  type: "object",
  properties: {
    limit: {
      type: "integer",
      minimum: 1,
      maximum: ORIGIN_API_PAGE_ITEMS_MAX,
      default: ORIGIN_API_PAGE_ITEMS_DEFAULT,
      description: "Items of a page.",
    },
    cursor: {
      type: "string",
      maxLength: ORIGIN_API_CURSOR_CHARACTERS_MAX,
      description: "Where the page begins: of the Link with rel=next of the page before.",
    },
  },
};

/** For the schema of an answer that is a page. */
export const pageHeaders: Readonly<Record<string, unknown>> = {
  Link: { type: "string", description: 'Where there are more: `<…>; rel="next"` (RFC 8288).' },
};
