// One HTTP request up to the reply's head: time-outs, abort and what went wrong as a NetError.
// Invariant: it settles once, and where it rejects the request is destroyed. The body is for http-body.ts, its abort too.

import type { ClientRequest, IncomingMessage } from "node:http";
import { messageOf } from "../core/index.ts";
import { NetError } from "./net-error.ts";
import { shown } from "./url-policy.ts";

export interface ExchangeLimits {
  readonly connectTimeoutMs: number;
  /** From the connection (TLS included) to the end of the headers. */
  readonly headersTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Sends a request without a body. @throws NetError net.connect, net.timeout, net.protocol; the signal's reason */
export async function exchange(request: ClientRequest, url: URL, limits: ExchangeLimits): Promise<IncomingMessage> {
  const { signal } = limits;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // A request that still waits for a connection emits nothing when it is destroyed, hence the reject beside it.
  const stop = (error: unknown): void => {
    reject(error);
    request.destroy();
  };
  const abort = (): void => stop(signal.reason);
  let timer: NodeJS.Timeout | undefined;
  const arm = (timeoutMs: number, error: () => NetError): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stop(error()), timeoutMs);
  };
  request.once("socket", (socket) => {
    const armHeaders = (): void => arm(limits.headersTimeoutMs, () => tooSlow(url, limits.headersTimeoutMs));
    if (!socket.connecting) return armHeaders();
    arm(limits.connectTimeoutMs, () => unreachable(url, `no connection within ${limits.connectTimeoutMs} ms`));
    socket.once("connect", armHeaders);
  });
  request.once("response", resolve);
  // Stays for errors after the head, which reach the body's reader and would otherwise end the process.
  request.on("error", reject);
  request.once("close", () => reject(new Error("the connection was closed before an answer came")));
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) abort();
    else request.end();
    return await promise;
  } catch (error) {
    request.destroy();
    signal.throwIfAborted();
    throw classify(error, url);
  } finally {
    // The socket's connect may still come for a request that has ended; it must find no timer to arm.
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** What node's client threw, as a NetError. */
function classify(error: unknown, url: URL): NetError {
  if (error instanceof NetError) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && code.startsWith("HPE_")) {
    const message = `${shown(url)} answered with something that is not valid HTTP (${messageOf(error)}).`;
    return new NetError("net.protocol", message, { cause: error, retryable: true });
  }
  return unreachable(url, messageOf(error), error);
}

function unreachable(url: URL, why: string, cause?: unknown): NetError {
  return new NetError("net.connect", `${shown(url)} cannot be reached: ${why}.`, { cause, retryable: true });
}

function tooSlow(url: URL, timeoutMs: number): NetError {
  return new NetError("net.timeout", `${shown(url)} did not answer within ${timeoutMs} ms.`, { retryable: true });
}
