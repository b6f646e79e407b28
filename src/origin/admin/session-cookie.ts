// The cookie of a session. __Host-: only over HTTPS (or to this machine itself), only for this host, so that no neighbour
// under the same domain can plant one. SameSite=Strict: no other site's link or form is followed while signed in.

import type { CookieSerializeOptions } from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";

const SESSION_COOKIE = "__Host-upswarm-admin";
export const CSRF_COOKIE = "__Host-upswarm-csrf";

export const cookieOptions: CookieSerializeOptions = { path: "/", httpOnly: true, secure: true, sameSite: "strict" };

export function sessionIdOf(request: FastifyRequest): string | null {
  return request.cookies[SESSION_COOKIE] ?? null;
}

/** A session begins with CSRF tokens of its own. */
export function setSession(reply: FastifyReply, sessionId: string): void {
  reply.setCookie(SESSION_COOKIE, sessionId, cookieOptions);
  reply.clearCookie(CSRF_COOKIE, cookieOptions);
}

export function clearSession(reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, cookieOptions);
  reply.clearCookie(CSRF_COOKIE, cookieOptions);
}

/** Whether a browser keeps such a cookie from this request. */
export function isSecure(request: FastifyRequest): boolean {
  return request.protocol === "https" || ["localhost", "127.0.0.1", "::1"].includes(request.hostname);
}
