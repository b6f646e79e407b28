// Tokens by API: made, listed, revoked; scope "admin". The first one is made on the origin's own machine.

import type { FastifyInstance } from "fastify";
import { requireScope, tokensOf } from "../access/authorize.ts";
import type { Scope, TokenPart } from "../access/token-store.ts";
import { pageOf, pageQuery, parseNumber, parseText, type PagedRoute } from "./list-pages.ts";
import { newTokenAnswer, problems, tokenRequest, tokensAnswer } from "./api-schemas.ts";

export function registerTokenApi(api: FastifyInstance): void {
  const common = { tags: ["tokens"], security: [{ bearer: ["admin"] }] };
  const onRequest = requireScope("admin");
  const errors = problems(400, 401, 403, 409, 429);
  const tokens = tokensOf(api);

  api.get<PagedRoute>(
    "/tokens",
    {
      onRequest,
      schema: {
        ...common,
        summary: "Those that work, oldest first, in pages",
        querystring: pageQuery,
        response: { 200: tokensAnswer, ...errors },
      },
    },
    async (request, reply) => ({
      tokens: await pageOf(request, reply, {
        name: "tokens",
        read: (part) => tokens.list(part),
        positionOf: ({ createdAt, id }) => ({ createdAt, id }),
        parsePosition: parseTokenPosition,
      }),
    }),
  );
  api.post<{ Body: { name: string; scopes: Scope[] } }>(
    "/tokens",
    {
      schema: { ...common, summary: "Make one", body: tokenRequest, response: { 201: newTokenAnswer, ...errors } },
      onRequest,
    },
    async ({ body: { name, scopes } }, reply) => {
      const { secret, token } = await tokens.create(name, scopes);
      return reply
        .code(201)
        .header("Cache-Control", "no-store")
        .send({ ...token, secret });
    },
  );
  api.delete<{ Params: { id: string } }>(
    "/tokens/:id",
    {
      onRequest,
      schema: {
        ...common,
        summary: "Revoke one",
        response: { 204: { description: "It opens nothing any more.", type: "null" }, ...errors, ...problems(404) },
      },
    },
    async (request, reply) => {
      await tokens.revoke(request.params.id);
      return reply.code(204).send();
    },
  );
}

function parseTokenPosition(value: unknown): TokenPart["after"] {
  const { createdAt, id } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const position = { createdAt: parseNumber(createdAt), id: parseText(id) };
  return position.createdAt === null || position.id === null
    ? null
    : { createdAt: position.createdAt, id: position.id };
}
