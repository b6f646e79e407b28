import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { ADMIN_RELEASES_MAX } from "../../core/index.ts";
import { ReleaseError } from "../../release/index.ts";
import { refOf } from "../domain.ts";
import { counterFields } from "../notices/notice-fixture.test.ts";
import { exampleRef } from "../notices/desk-fixture.test.ts";
import { addCheaply, adminSite, submitNotice, type AdminSite } from "./admin-fixture.test.ts";

const release = "/admin/releases/example/2.0";

function kindOf({ origin }: AdminSite): string | null {
  return origin.releases.get(refOf(exampleRef))?.withdrawal?.kind ?? null;
}

function revisionOf(page: string): string {
  return /name="revision" value="(\d+)"/.exec(page)?.[1] ?? "";
}

test("an administrator complies, forwards and restores with the buttons that are there at each time", async (t) => {
  const site = await adminSite(t);
  const { desk, origin } = site;
  const admin = await site.anna();
  const id = await submitNotice(desk);
  const page = `/admin/cases/${id}`;
  const take = async (event: string): Promise<string> => {
    const shown = (await admin.get(page)).page;
    assert.match(shown, new RegExp(`name="event" value="${event}"`));
    const answer = await admin.send(page, `${page}/move`, { event, revision: revisionOf(shown) });
    assert.equal(answer.location, `${page}?done=moved`, answer.page);
    return (await admin.get(page)).page;
  };
  assert.match((await admin.get("/admin")).page, new RegExp(`Case ${id}</a>: received, under review`));
  assert.match((await admin.get(page)).page, /Jane Doe[^]*jane@example\.org \(not confirmed: no mail was sent\)/);
  await take("comply");
  assert.equal(kindOf(site), "legal");
  origin.clock.set("2026-11-25T15:30Z");
  await desk.counter(id, counterFields, { via: "letter", address: null, key: null });
  const forwarded = await take("forward");
  assert.match(forwarded, /not before the tenth business day has passed/);
  assert.match(forwarded, /Paul Publisher/);
  assert.match(forwarded, /11 December 2026 at 00:00 GMT-5/);
  const early = await admin.send(page, `${page}/move`, { event: "restore", revision: revisionOf(forwarded) });
  assert.deepEqual([early.status, kindOf(site)], [409, "legal"]);
  origin.clock.set("2026-12-11T05:00Z");
  // The session ended long ago.
  const again = await site.anna();
  const shown = (await again.get(page)).page;
  await again.send(page, `${page}/move`, { event: "restore", revision: revisionOf(shown) });
  assert.equal(kindOf(site), null);
});

test("of two administrators who act on the same page, the second is told that the case has changed", async (t) => {
  const site = await adminSite(t);
  await addCheaply(site.accounts, "bert", "a fine long phrase");
  const [anna, bert] = [await site.anna(), site.browser("192.0.2.2")];
  await bert.signIn("bert", "a fine long phrase");
  const id = await submitNotice(site.desk);
  const page = `/admin/cases/${id}`;
  const revision = revisionOf((await anna.get(page)).page);
  const answers = await Promise.all([
    anna.send(page, `${page}/move`, { event: "comply", revision }),
    bert.send(page, `${page}/move`, { event: "retract", revision }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [303, 409],
  );
  assert.match(answers.find(({ status }) => status === 409)?.page ?? "", /changed meanwhile/);
});

test("a notice is marked as incomplete with what is missing, and not without", async (t) => {
  const site = await adminSite(t);
  const admin = await site.anna();
  const id = await submitNotice(site.desk);
  const page = `/admin/cases/${id}`;
  const move = async (fields: Record<string, string>): Promise<number> => {
    const revision = revisionOf((await admin.get(page)).page);
    return (await admin.send(page, `${page}/move`, { revision, ...fields })).status;
  };
  assert.equal(await move({ event: "find-incomplete" }), 409);
  assert.equal(await move({ event: "find-incomplete", missing: "nonsense" }), 409);
  assert.equal(await move({ event: "counter" }), 409, "a counter-notice comes from its sender");
  assert.equal(await move({ event: "constructor" }), 409);
  assert.equal(await move({ event: "find-incomplete", missing: "signature" }), 303);
  const { state } = await site.desk.find(id);
  assert.deepEqual("missing" in state && state.missing, ["signature"]);
});

test("a release is recalled with a reason, restored, and purged only by typing its name; each is in the audit log", async (t) => {
  const site = await adminSite(t);
  const admin = await site.anna();
  const nothing = await admin.send(release, `${release}/withdraw`, { kind: "recall", reason: " ", replacedBy: "2.1" });
  assert.equal(nothing.status, 422);
  assert.match(nothing.page, /Give a reason[^]*value="2\.1"/);
  const early = await admin.send(release, `${release}/purge`, { typed: "example/2.0" });
  assert.deepEqual([early.status, /only what is withdrawn/.test(early.page)], [409, true]);
  const fields = { kind: "recall", reason: "It breaks printers.", replacedBy: "2.1" };
  assert.equal((await admin.send(release, `${release}/withdraw`, fields)).location, `${release}?done=withdrawn`);
  const { page } = await admin.get(release);
  assert.match(page, /It breaks printers\.[^]*last saw 10 machines[^]*cannot be recalled/);
  assert.equal(site.origin.releases.get("example/2.0")?.withdrawal?.replacedBy, "2.1");
  await admin.send(release, `${release}/restore`);
  assert.equal(kindOf(site), null);
  await admin.send(release, `${release}/withdraw`, fields);
  assert.equal((await admin.send(release, `${release}/purge`, { typed: "example" })).status, 409);
  assert.equal(
    (await admin.send(release, `${release}/purge`, { typed: "example/2.0" })).location,
    `${release}?done=purged`,
  );
  assert.deepEqual(
    site.origin.done.map((what) => what.split(" ")[0]),
    ["withdraw", "restore", "withdraw", "purge"],
  );
  const audit = (await admin.get("/admin/audit")).page;
  for (const event of ["session.begin", "release.withdraw", "release.restore", "release.purge"])
    assert.ok(audit.includes(event), event);
  assert.match(audit, /by: anna, kind: recall, reason: It breaks printers\./);
});

test("a release that nobody signs any more is not restored by the button, and the page says how it is", async (t) => {
  const site = await adminSite(t);
  const admin = await site.anna();
  await admin.send(release, `${release}/withdraw`, { kind: "recall", reason: "A test.", replacedBy: "" });
  site.origin.failures.push(new ReleaseError("release.unsigned", "Nobody signs example 2.0 any more."));
  const refused = await admin.send(release, `${release}/restore`);
  assert.equal(refused.status, 409);
  assert.match(refused.page, /Nobody signs example 2\.0 any more\. The command: upswarm restore\./);
});

test("what a case withholds is neither restored nor purged beside it, until the case has ended", async (t) => {
  const site = await adminSite(t);
  const admin = await site.anna();
  const id = await submitNotice(site.desk);
  const actor = { kind: "operator", name: "root" } as const;
  await site.desk.move(id, { kind: "comply" }, actor);
  for (const what of ["restore", "purge"]) {
    const answer = await admin.send(release, `${release}/${what}`, { typed: "example/2.0" });
    assert.equal(answer.status, 409);
    assert.ok(answer.page.includes(id));
  }
  await site.desk.move(id, { kind: "close" }, actor);
  assert.equal((await admin.send(release, `${release}/purge`, { typed: "example/2.0" })).status, 303);
});

test("an action that fails is in the audit log as failed", async (t) => {
  const site = await adminSite(t);
  const admin = await site.anna();
  site.origin.failures.push(new Error("the disk is full"));
  const answer = await admin.send(release, `${release}/withdraw`, { kind: "recall", reason: "x" });
  assert.equal(answer.status, 500);
  assert.match((await admin.get("/admin/audit")).page, /release\.withdraw\.failed[^]*the disk is full/);
});

test("the overview warns of a broken log, metadata that expire and a decision that is not carried out", async (t) => {
  const site = await adminSite(t);
  const id = await submitNotice(site.desk);
  site.origin.failures.push(new Error("the disk is full"));
  await assert.rejects(site.desk.move(id, { kind: "comply" }, { kind: "operator", name: "root" }));
  const raw = new DatabaseSync(site.origin.databasePath);
  raw.exec(
    "DROP TRIGGER chain_entries_stand; UPDATE chain_entries SET subject = 'bert' WHERE chain = 'audit' AND sequence = 1",
  );
  raw.close();
  site.origin.clock.set("2026-11-26T10:00Z");
  const { page } = await (await site.anna()).get("/admin");
  assert.match(page, /is decided and not carried out yet/);
  assert.match(page, /log &quot;audit&quot; is broken: entry 1/);
  assert.match(page, /The root metadata expires/);
});

test("keys, swarms, releases and cases are shown, and what there is not is a page that says so", async (t) => {
  const site = await adminSite(t);
  const admin = await site.anna();
  assert.match((await admin.get("/admin/keys")).page, /abab[^]*timestamp[^]*1 of 1/);
  assert.match((await admin.get("/admin/swarms")).page, /example\/2\.0[^]*41[^]*300\.0 MB/);
  assert.match((await admin.get("/admin/releases?q=2.0")).page, /example\/2\.0/);
  assert.match((await admin.get("/admin/releases?q=nothing")).page, /Nothing was found/);
  assert.match((await admin.get("/admin/cases")).page, /No notice was ever received/);
  assert.deepEqual(
    [(await admin.get("/admin/cases/2026-9999")).status, (await admin.get("/admin/releases/x/1")).status],
    [404, 404],
  );
});

test("no page of the admin can be read without a session, and none is cached", async (t) => {
  const { app } = await adminSite(t);
  for (const url of [
    "/admin",
    "/admin/releases",
    release,
    "/admin/cases",
    "/admin/cases/2026-0001",
    "/admin/keys",
    "/admin/swarms",
    "/admin/audit",
  ]) {
    const response = await app.inject(url);
    assert.deepEqual(
      [response.statusCode, response.headers["cache-control"], response.body],
      [303, "no-store", ""],
      url,
    );
  }
});

test("a list of releases has as many as the limit says", async (t) => {
  const site = await adminSite(t);
  const [release] = site.origin.releases.values();
  assert.ok(release);
  for (let count = 0; count <= ADMIN_RELEASES_MAX; count++) {
    site.origin.releases.set(`many/${count}`, { ...release, product: "many", version: `v${count}` });
  }
  const admin = await site.anna();
  const { page } = await admin.get("/admin/releases?q=many");
  assert.equal(page.match(/href="\/admin\/releases\/many\/v/g)?.length, ADMIN_RELEASES_MAX);
});
