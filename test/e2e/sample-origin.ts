// The site with the sample releases on a port of its own, under the security headers that an origin sends.

import type { AddressInfo } from "node:net";
import { fixtureSite } from "../../src/origin/site/fixture.test.ts";
import type { FixtureOptions, FixtureSite } from "../../src/origin/site/fixture.test.ts";
import { sampleReleases } from "./sample-releases.ts";

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface SampleOrigin extends FixtureSite, AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
}

export async function openSampleOrigin(options: FixtureOptions = {}): Promise<SampleOrigin> {
  const site = await fixtureSite({ releases: sampleReleases, ...options });
  site.app.addHook("onSend", async (_, reply) => {
    reply.headers({ "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff" });
  });
  await site.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = site.app.server.address() as AddressInfo;
  return { ...site, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => site.app.close() };
}
