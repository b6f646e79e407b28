// The site with the sample releases on a port of its own, under the security headers that an origin sends.

import type { AddressInfo } from "node:net";
import { fixtureSite } from "../../src/origin/site/fixture.test.ts";
import type { FixtureOptions, FixtureSite } from "../../src/origin/site/fixture.test.ts";
import { sampleReleases } from "./sample-releases.ts";

export interface SampleOrigin extends FixtureSite, AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
}

export async function openSampleOrigin(options: FixtureOptions = {}): Promise<SampleOrigin> {
  const site = await fixtureSite({ releases: sampleReleases, ...options });
  await site.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = site.app.server.address() as AddressInfo;
  return { ...site, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => site.app.close() };
}
