// The API under /api/v1: what there is, for anybody; its own description; and, with tokens, what changes it.

import type { FastifyInstance } from "fastify";
import { ORIGIN_SEARCH_CHARACTERS_MAX, ORIGIN_SEARCH_RESULTS_MAX } from "../../core/index.ts";
import { CatalogueError } from "../catalogue/catalogue.ts";
import { refOf } from "../domain.ts";
import type { Release, ReleaseRef } from "../domain.ts";
import type { OriginParts } from "../origin-parts.ts";
import { registerLifecycleApi } from "./api-lifecycle.ts";
import {
  RELEASE_PATH,
  liveAnswer,
  namedSchemas,
  problems,
  productsAnswer,
  releaseAnswer,
  releasesAnswer,
  releasesPage,
} from "./api-schemas.ts";
import type { ReleaseRoute } from "./api-schemas.ts";
import { registerTokenApi } from "./api-tokens.ts";
import type { HttpLimits } from "./http-limits.ts";
import { pageOf, pageQuery, parseNumber, parseText, type PagedRoute } from "./list-pages.ts";
import { limitApi } from "./rate-limits.ts";
import { productView, releaseView } from "./release-view.ts";
import { REVALIDATE } from "./cache-rules.ts";

export function registerApi(app: FastifyInstance, parts: OriginParts, limits: HttpLimits): void {
  // Visible to other parts' routes as well, for their own descriptions.
  for (const schema of namedSchemas) app.addSchema(schema);
  app.register(
    (api, _, done) => {
      limitApi(api, limits);
      registerLists(api, parts);
      registerCatalogueApi(api, parts);
      registerLifecycleApi(api, parts);
      registerTokenApi(api);
      api.get("/openapi.json", (_, reply) => reply.header("Cache-Control", REVALIDATE).send(app.swagger()));
      done();
    },
    { prefix: "/api/v1" },
  );
}

const tags = ["catalogue"];

function registerLists(api: FastifyInstance, { catalogue, config }: OriginParts): void {
  api.get<PagedRoute>(
    "/products",
    {
      schema: {
        tags,
        summary: "All products, by name, in pages",
        querystring: pageQuery,
        response: { 200: productsAnswer, ...problems(400, 429) },
      },
    },
    async (request, reply) => {
      const products = await pageOf(request, reply, {
        name: "products",
        read: (part) => catalogue.products(part),
        positionOf: ({ name }) => name,
        parsePosition: parseText,
      });
      return { products: products.map((product) => productView(product, config)) };
    },
  );
  api.get<PagedRoute & { Params: { product: string } }>(
    "/products/:product/releases",
    {
      schema: {
        tags,
        summary: "A product's releases, newest first, in pages",
        querystring: pageQuery,
        response: { 200: releasesPage, ...problems(400, 404, 429) },
      },
    },
    async (request, reply) => {
      const { product } = request.params;
      const releases = await pageOf(request, reply, {
        name: `releases ${product}`,
        read: (part) => catalogue.releases(product, part),
        positionOf: ({ sequence }) => sequence,
        parsePosition: parseNumber,
      });
      // With a cursor it is the end of the list.
      if (releases.length === 0 && request.query.cursor === undefined) {
        throw new CatalogueError("catalogue.unknown", `There is no product ${product}.`);
      }
      return { releases: releases.map((release) => releaseView(release, config)) };
    },
  );
}

function registerCatalogueApi(api: FastifyInstance, { catalogue, swarms, config }: OriginParts): void {
  api.get<ReleaseRoute>(
    RELEASE_PATH,
    { schema: { tags, summary: "A release", response: { 200: releaseAnswer, ...problems(404, 429) } } },
    async ({ params }) => releaseView(known(await catalogue.release(params), params), config),
  );
  api.get<ReleaseRoute>(
    `${RELEASE_PATH}/live`,
    { schema: { tags, summary: "Its swarm as of now", response: { 200: liveAnswer, ...problems(404, 429) } } },
    async ({ params }) => await swarms.live(known(await catalogue.release(params), params)),
  );
  const querystring = {
    type: "object",
    required: ["q"],
    properties: {
      q: { type: "string", minLength: 1, maxLength: ORIGIN_SEARCH_CHARACTERS_MAX },
      limit: { type: "integer", minimum: 1, maximum: ORIGIN_SEARCH_RESULTS_MAX, default: ORIGIN_SEARCH_RESULTS_MAX },
    },
  };
  api.get<{ Querystring: { q: string; limit: number } }>(
    "/search",
    {
      schema: {
        tags,
        summary: "Releases that hold all the words",
        querystring,
        response: { 200: releasesAnswer, ...problems(400, 429) },
      },
    },
    async ({ query: { q, limit } }) => ({
      releases: (await catalogue.search(q, limit)).map((release) => releaseView(release, config)),
    }),
  );
}

function known(release: Release | null, ref: ReleaseRef): Release {
  if (release === null) throw new CatalogueError("catalogue.unknown", `There is no release ${refOf(ref)}.`);
  return release;
}
