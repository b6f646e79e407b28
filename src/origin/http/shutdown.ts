// A shutdown that people do not notice: no new connections, answers that are under way may end within a grace period, then
// every connection is cut. The load balancer learns it from /readyz and from "Connection: close".

import type { FastifyInstance } from "fastify";

export interface Shutdown {
  readonly isClosing: boolean;
}

export function registerShutdown(app: FastifyInstance, graceMs: number): Shutdown {
  let isClosing = false;
  let timer: NodeJS.Timeout | undefined;
  app.addHook("preClose", (done) => {
    isClosing = true;
    timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
    done();
  });
  // Runs when the server has closed, that is, after the last connection has ended.
  app.addHook("onClose", (_, done) => {
    clearTimeout(timer);
    done();
  });
  return {
    get isClosing() {
      return isClosing;
    },
  };
}
