// An origin with its site, notices and administration on a port of its own, as `serve` joins them: the real front ends,
// headers and database; a catalogue, swarms and a life cycle in memory, and a clock that is moved by hand.

import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { addCheaply, PASSWORD } from "../../src/origin/admin/admin-fixture.test.ts";
import { registerAdmin } from "../../src/origin/admin/register-admin.ts";
import { refOf, type Release } from "../../src/origin/domain.ts";
import { createApp } from "../../src/origin/http/create-app.ts";
import { fakeOrigin, type FakeOrigin } from "../../src/origin/notices/desk-fixture.test.ts";
import { NoticeDesk } from "../../src/origin/notices/notice-desk.ts";
import { registerNotices } from "../../src/origin/notices/register-notices.ts";
import type { OriginParts } from "../../src/origin/origin-parts.ts";
import { FixtureCatalogue } from "../../src/origin/site/fixture.test.ts";
import { registerSite } from "../../src/origin/site/register-site.ts";

export interface NoticesOrigin {
  /** Without a slash at the end. */
  readonly url: string;
  readonly desk: NoticeDesk;
  readonly origin: FakeOrigin;
}

export const ANNA: { readonly name: string; readonly password: string } = { name: "anna", password: PASSWORD };

export async function openNoticesOrigin(t: TestContext): Promise<NoticesOrigin> {
  const origin = await fakeOrigin(t);
  const catalogue = new FixtureCatalogue([...origin.releases.values()]);
  const follow = async (change: Promise<Release>): Promise<Release> => {
    const release = await change;
    catalogue.withdraw(release, release.withdrawal);
    return release;
  };
  const { lifecycle } = origin.parts;
  const parts: OriginParts = {
    ...origin.parts,
    catalogue: { ...catalogue.reading(), byInfoHash: (hash) => origin.parts.catalogue.byInfoHash(hash) },
    lifecycle: {
      withdraw: (ref, withdrawal) => follow(lifecycle.withdraw(ref, withdrawal)),
      restore: (ref) => follow(lifecycle.restore(ref)),
      purge: (ref) => lifecycle.purge(ref),
    },
  };
  const desk = await NoticeDesk.open(parts);
  const app = createApp(parts, {
    plugins: [
      registerSite,
      (scope) => registerNotices(scope, parts, { desk, rounds: "caller" }),
      (scope) => registerAdmin(scope, parts, { desk }),
    ],
    targetFile: () => Promise.resolve(null),
  });
  await addCheaply({ ...parts, db: parts.database.db }, ANNA.name, ANNA.password);
  await app.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, desk, origin };
}

/** The release that notices are about, as its page's address ends. */
export const RELEASE: string = `/${refOf({ product: "example", version: "2.0" })}`;
