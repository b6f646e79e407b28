// An HTTP server for the tests of this folder. It has no tests; its name keeps it out of the build.

import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export async function serveHttp(
  t: TestContext,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  host = "127.0.0.1",
): Promise<{ url: string }> {
  const server = createServer(handler);
  server.listen(0, host);
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://${host}:${(server.address() as AddressInfo).port}` };
}
