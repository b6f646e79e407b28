// Who asks, and whether they may: bearer tokens (RFC 6750) in the Authorization header, never in an address, where logs
// and histories keep them.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { AccessError } from "./access-error.ts";
import type { Scope, Token, TokenStore } from "./token-store.ts";

const tokenStore: unique symbol = Symbol("tokens");
const tokenOfRequest: unique symbol = Symbol("token");

declare module "fastify" {
  interface FastifyInstance {
    [tokenStore]: TokenStore;
  }
  interface FastifyRequest {
    /** Not looked up yet: undefined. No token, or none that is known: null. */
    [tokenOfRequest]: Token | null | undefined;
  }
}

/** Before any route that calls authorize(). */
export function decorateAccess(app: FastifyInstance, tokens: TokenStore): void {
  app.decorate(tokenStore, tokens);
  app.decorateRequest(tokenOfRequest, undefined);
}

/** What decorateAccess() was given. */
export function tokensOf(app: FastifyInstance): TokenStore {
  return app[tokenStore];
}

/** The token that came with the request; null where none did, or none that is known. */
export async function identify(request: FastifyRequest): Promise<Token | null> {
  const known = request[tokenOfRequest];
  if (known !== undefined) return known;
  const secret = secretOf(request);
  const token = secret === null ? null : await request.server[tokenStore].use(secret);
  request[tokenOfRequest] = token;
  return token;
}

/** @throws AccessError access.missing, access.invalid, access.scope */
export async function authorize(request: FastifyRequest, scope: Scope): Promise<Token> {
  if (secretOf(request) === null) {
    throw new AccessError("access.missing", `This needs a token with the scope “${scope}”.`);
  }
  const token = await identify(request);
  if (token === null) throw new AccessError("access.invalid", "The token is not known, or was revoked.");
  if (!token.scopes.includes(scope) && !token.scopes.includes("admin")) {
    throw new AccessError("access.scope", `The token “${token.name}” lacks the scope “${scope}”.`);
  }
  return token;
}

/** As a route's `onRequest`: refused before its body is read. */
export function requireScope(scope: Scope): (request: FastifyRequest) => Promise<void> {
  return async (request) => void (await authorize(request, scope));
}

function secretOf(request: FastifyRequest): string | null {
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? "")?.[1] ?? null;
}
