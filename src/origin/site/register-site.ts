// The site's routes. Each names what its page depends on, and page-cache.ts does the rest. Products stand at the root of
// the site; routes with a fixed name win over them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  SITE_FEED_ENTRIES_MAX,
  SITE_LIVE_PAGE_AGE_MS_MAX,
  SITE_PAGE_AGE_MS_MAX,
  SITE_SITEMAP_ADDRESSES_MAX,
} from "../../core/index.ts";
import { sendReleaseJson, wantsJson } from "../http/release-json.ts";
import type { OriginParts } from "../origin-parts.ts";
import { releasePath } from "./addresses.ts";
import { registerAssets } from "./assets.ts";
import { ATOM_TYPE, atomFeed } from "./atom-feed.ts";
import { registerLiveStream } from "./live-stream.ts";
import { PageCache, type Drawn } from "./page-cache.ts";
import { catalogueText } from "./pages/catalogue-page.ts";
import { keysText } from "./pages/keys-page.ts";
import { productText } from "./pages/product-page.ts";
import { releaseText } from "./pages/release-page.ts";
import { parseQuery, searchText } from "./pages/search-page.ts";
import { statusText } from "./pages/status-page.ts";
import { tombstone } from "./pages/tombstone-page.ts";
import { ReleaseContentsCache } from "./release-contents.ts";
import type { SiteContext } from "./site-context.ts";
import { robotsText, sitemap } from "./sitemap.ts";
import { visitorSystem } from "./visitor-system.ts";

type OfProduct = FastifyRequest<{ Params: { product: string } }>;
type OfRelease = FastifyRequest<{ Params: { product: string; version: string } }>;

export async function registerSite(app: FastifyInstance, parts: OriginParts): Promise<void> {
  const context: SiteContext = {
    parts,
    site: { title: parts.config.title, publicUrl: parts.config.publicUrl },
    contents: new ReleaseContentsCache(parts.catalogue),
    startedAt: parts.clock.now(),
  };
  const cache = new PageCache(parts);
  registerAssets(app);
  registerLiveStream(app, parts);
  registerStanding(app, context, cache);
  registerFeeds(app, context, cache);
  registerReleases(app, context, cache);
}

function registerStanding(app: FastifyInstance, context: SiteContext, cache: PageCache): void {
  const page = (path: string, ageMsMax: number, draw: (context: SiteContext) => Promise<string>): void => {
    app.get(path, (request, reply) =>
      cache.send(request, reply, { key: path, ageMsMax, draw: async () => ({ text: await draw(context) }) }),
    );
  };
  page("/", SITE_LIVE_PAGE_AGE_MS_MAX, catalogueText);
  page("/status", SITE_LIVE_PAGE_AGE_MS_MAX, statusText);
  page("/keys", SITE_PAGE_AGE_MS_MAX, keysText);
  // Questions are many and seldom asked twice: what they find is not kept.
  app.get("/search", async (request: FastifyRequest<{ Querystring: { q?: unknown } }>, reply) => {
    const text = await searchText(context, parseQuery(request.query.q));
    return reply.header("Cache-Control", "no-cache").type("text/html; charset=utf-8").send(text);
  });
}

function registerFeeds(app: FastifyInstance, { parts, site }: SiteContext, cache: PageCache): void {
  const { catalogue } = parts;
  const file = (path: string, contentType: string, draw: () => Promise<string>): void => {
    app.get(path, (request, reply) =>
      cache.send(request, reply, {
        key: path,
        ageMsMax: SITE_PAGE_AGE_MS_MAX,
        draw: async () => ({ text: await draw(), contentType }),
      }),
    );
  };
  file("/feed.atom", ATOM_TYPE, async () => atomFeed(site, null, await catalogue.recent(SITE_FEED_ENTRIES_MAX)));
  file("/sitemap.xml", "application/xml; charset=utf-8", async () =>
    sitemap(site, await catalogue.products(), await catalogue.recent(SITE_SITEMAP_ADDRESSES_MAX)),
  );
  file("/robots.txt", "text/plain; charset=utf-8", async () => robotsText(site));
  app.get("/:product/feed.atom", (request: OfProduct, reply) => {
    const { product } = request.params;
    const draw = async (): Promise<Drawn | null> => {
      const releases = await catalogue.releases(product, { after: null, countMax: SITE_FEED_ENTRIES_MAX });
      return releases.length === 0 ? null : { text: atomFeed(site, product, releases), contentType: ATOM_TYPE };
    };
    return cache.send(request, reply, { key: `feed ${product}`, ageMsMax: SITE_PAGE_AGE_MS_MAX, draw });
  });
}

function registerReleases(app: FastifyInstance, context: SiteContext, cache: PageCache): void {
  const { catalogue } = context.parts;
  app.get("/:product", async (request: OfProduct, reply): Promise<FastifyReply> => {
    const { product } = request.params;
    if (wantsJson(request)) {
      const isThere = (await catalogue.releases(product, { after: null, countMax: 1 })).length > 0;
      return isThere ? sendReleaseJson(reply, { product, version: null }) : notFound(reply);
    }
    const draw = async (): Promise<Drawn | null> => {
      const text = await productText(context, product);
      return text === null ? null : { text, headers: { Vary: "Accept" } };
    };
    return cache.send(request, reply, { key: `product ${product}`, ageMsMax: SITE_PAGE_AGE_MS_MAX, draw });
  });
  app.get("/:product/:version", async (request: OfRelease, reply): Promise<FastifyReply> => {
    const ref = request.params;
    if (wantsJson(request)) {
      return (await catalogue.release(ref)) === null ? notFound(reply) : sendReleaseJson(reply, ref);
    }
    const system = visitorSystem(request.headers["user-agent"]);
    const draw = async (): Promise<Drawn | null> => {
      const release = await catalogue.release(ref);
      if (release === null) return null;
      if (release.withdrawal !== null) return tombstone(context, release, release.withdrawal);
      const text = await releaseText(context, release, system);
      return { text, headers: { Vary: "Accept, User-Agent" } };
    };
    // The path is percent-encoded, so that no two releases have one key.
    const key = `release ${system} ${releasePath(ref)}`;
    return cache.send(request, reply, { key, ageMsMax: SITE_LIVE_PAGE_AGE_MS_MAX, draw });
  });
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.callNotFound() as unknown as FastifyReply;
}
