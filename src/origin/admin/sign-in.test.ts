import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import {
  ADMIN_ACCOUNT_FAILURES_MAX,
  ADMIN_ADDRESS_FAILURES_MAX,
  ADMIN_FAILURE_KEYS_MAX,
  ADMIN_FAILURES_FORGOTTEN_MS,
  ADMIN_LOCK_MS,
  ADMIN_LOCK_MS_MAX,
  ADMIN_PASSWORD_CHECKS_MAX,
  ADMIN_SESSION_IDLE_MS,
  ADMIN_SESSION_MS,
} from "../../core/index.ts";
import { adminSite, csrfOf, PASSWORD } from "./admin-fixture.test.ts";
import { changePassword, removeAccount } from "./accounts.ts";
import { SignInGuard } from "./sign-in-guard.ts";

test("signing in leads to the overview, and to the page that was asked for first", async (t) => {
  const { browser } = await adminSite(t);
  const visitor = browser();
  assert.equal(
    (await visitor.get("/admin/cases/2026-0001")).location,
    "/admin/sign-in?next=%2Fadmin%2Fcases%2F2026-0001",
  );
  const fields = { name: "Anna", password: PASSWORD, next: "/admin/cases" };
  assert.equal((await visitor.send("/admin/sign-in", "/admin/sign-in", fields)).location, "/admin/cases");
  const { status, page } = await visitor.get("/admin");
  assert.deepEqual([status, page.includes("Signed in as anna")], [200, true]);
  for (const next of ["https://evil.example/", "//evil.example", "/admin//evil", "/notices", "/admin/\\evil"]) {
    assert.equal(
      (await browser().send("/admin/sign-in", "/admin/sign-in", { ...fields, next })).location,
      "/admin",
      next,
    );
  }
});

test("the session's cookie is for this host, HTTPS and this site alone, and its value is not in the database", async (t) => {
  const { app, anna, browser, origin } = await adminSite(t);
  const visitor = browser();
  const _csrf = csrfOf((await visitor.get("/admin/sign-in")).page);
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const payload = new URLSearchParams({ _csrf, name: "anna", password: PASSWORD }).toString();
  const headers = { cookie, "content-type": "application/x-www-form-urlencoded" };
  const response = await app.inject({ method: "POST", url: "/admin/sign-in", headers, payload });
  const lines = [response.headers["set-cookie"]].flat().map(String);
  const header = lines.find((line) => line.startsWith("__Host-upswarm-admin=")) ?? "";
  for (const part of ["Path=/", "HttpOnly", "Secure", "SameSite=Strict"]) assert.ok(header.includes(part), header);
  assert.doesNotMatch(header, /Domain/i);
  const session = (await anna()).cookies.get("__Host-upswarm-admin") ?? "";
  const raw = new DatabaseSync(origin.databasePath, { readOnly: true });
  const stored = JSON.stringify([
    raw.prepare("SELECT * FROM sessions").all(),
    raw.prepare("SELECT * FROM accounts").all(),
  ]);
  raw.close();
  assert.ok(session.length >= 43);
  assert.ok(!stored.includes(session) && !stored.includes(PASSWORD));
});

test("a wrong password, an unknown account and a long one are answered alike", async (t) => {
  const { browser } = await adminSite(t);
  const answers = [
    ["anna", "wrong password"],
    ["nobody", PASSWORD],
    ["x".repeat(65), "y".repeat(257)],
  ].map(async ([name = "", password = ""], index) => browser(`192.0.2.${index + 1}`).signIn(name, password));
  for (const answer of answers) {
    const { status, page } = await answer;
    assert.equal(status, 401);
    assert.match(page, /That is not right/);
    assert.doesNotMatch(page, /wrong password|correct horse/);
  }
});

test("every form of the admin needs its CSRF token, signing in too, and another browser's token is none", async (t) => {
  const { browser, anna } = await adminSite(t);
  assert.equal((await browser().post("/admin/sign-in", { name: "anna", password: PASSWORD })).status, 403);
  const admin = await anna();
  const foreign = csrfOf((await browser().get("/admin/sign-in")).page);
  const forms = [
    "/admin/sign-out",
    "/admin/sign-out-everywhere",
    "/admin/cases/2026-0001/move",
    "/admin/releases/example/2.0/withdraw",
  ];
  for (const url of forms) {
    for (const _csrf of ["", "invented", foreign])
      assert.equal((await admin.post(url, { _csrf, kind: "recall", reason: "x" })).status, 403, url);
  }
  assert.equal((await admin.get("/admin")).status, 200);
});

test("an account is locked after as many failures as the limit says, longer each time, also for the right password", async (t) => {
  const { browser, origin } = await adminSite(t);
  const attempt = async (password: string): Promise<number> => (await browser().signIn("anna", password)).status;
  for (let count = 0; count < ADMIN_ACCOUNT_FAILURES_MAX; count++) assert.equal(await attempt("wrong password"), 401);
  assert.equal(await attempt(PASSWORD), 429);
  origin.clock.pass(ADMIN_LOCK_MS - 1);
  assert.equal(await attempt(PASSWORD), 429);
  origin.clock.pass(1);
  assert.equal(await attempt("wrong password"), 401);
  origin.clock.pass(ADMIN_LOCK_MS);
  assert.equal(await attempt(PASSWORD), 429, "the second lock is twice as long");
  origin.clock.pass(ADMIN_LOCK_MS);
  assert.equal(await attempt(PASSWORD), 303);
  assert.equal(await attempt("wrong password"), 401, "the failures are forgotten");
});

test("a lock lasts no longer than the limit, and failures are forgotten after a day", async (t) => {
  const { origin } = await adminSite(t);
  const guard = new SignInGuard(origin.parts.database.db);
  const begin = async (index: number): Promise<boolean> =>
    (await guard.begin("anna", `10.0.0.${index}`, origin.clock.wallMs())).isAllowed;
  for (let count = 0; count < 40; count++) {
    assert.ok(await begin(count));
    origin.clock.pass(ADMIN_LOCK_MS_MAX);
  }
  assert.ok(await begin(41));
  assert.equal(await begin(42), false);
  origin.clock.pass(ADMIN_FAILURES_FORGOTTEN_MS);
  for (let count = 0; count < ADMIN_ACCOUNT_FAILURES_MAX; count++) assert.ok(await begin(count));
  assert.equal(await begin(50), false);
});

test("an address is locked after failures over many accounts, and others are not", async (t) => {
  const { browser, origin } = await adminSite(t);
  const guard = new SignInGuard(origin.parts.database.db);
  for (let count = 0; count < ADMIN_ADDRESS_FAILURES_MAX; count++) {
    assert.ok((await guard.begin(`name-${count}`, "2001:db8::1", origin.clock.wallMs())).isAllowed);
  }
  assert.equal((await browser("2001:db8::2").signIn("anna", PASSWORD)).status, 429, "the same /64");
  assert.equal((await browser("2001:db8:0:1::1").signIn("anna", PASSWORD)).status, 303);
  origin.clock.pass(ADMIN_LOCK_MS);
  assert.equal((await browser("2001:db8::1").signIn("anna", PASSWORD)).status, 303);
});

test("tries at the same moment count each for itself", async (t) => {
  const { origin } = await adminSite(t);
  const guard = new SignInGuard(origin.parts.database.db);
  const tries = Array.from({ length: 20 }, async (_, index) =>
    guard.begin("anna", `10.0.0.${index}`, origin.clock.wallMs()),
  );
  const allowed = (await Promise.all(tries)).filter(({ isAllowed }) => isAllowed);
  assert.equal(allowed.length, ADMIN_ACCOUNT_FAILURES_MAX);
});

test("the table of failures does not grow beyond its limit", async (t) => {
  const { origin } = await adminSite(t);
  const guard = new SignInGuard(origin.parts.database.db);
  const raw = new DatabaseSync(origin.databasePath);
  t.after(() => raw.close());
  raw.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ADMIN_FAILURE_KEYS_MAX})
    INSERT INTO sign_in_failures SELECT 'account:n' || i, 1, ${origin.clock.wallMs() - 1000} + i % 1000 FROM n`);
  await guard.begin("anna", "192.0.2.1", origin.clock.wallMs());
  assert.deepEqual(
    { ...raw.prepare("SELECT count(*) AS count FROM sign_in_failures").get() },
    { count: ADMIN_FAILURE_KEYS_MAX },
  );
});

test("no more passwords are checked at once than the limit says", async (t) => {
  const { browser } = await adminSite(t);
  const browsers = Array.from({ length: ADMIN_PASSWORD_CHECKS_MAX + 1 }, (_, index) => browser(`192.0.2.${index}`));
  const tokens = await Promise.all(browsers.map(async (one) => csrfOf((await one.get("/admin/sign-in")).page)));
  const answers = await Promise.all(
    browsers.map((one, index) =>
      one.post("/admin/sign-in", { _csrf: tokens[index] ?? "", name: "anna", password: PASSWORD }),
    ),
  );
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [...Array.from({ length: ADMIN_PASSWORD_CHECKS_MAX }, () => 303), 503],
  );
});

test("a session is over when nobody used it for the idle time, and after its longest time in any case", async (t) => {
  const { anna, origin } = await adminSite(t);
  const idle = await anna();
  origin.clock.pass(ADMIN_SESSION_IDLE_MS - 1);
  assert.equal((await idle.get("/admin")).status, 200);
  origin.clock.pass(ADMIN_SESSION_IDLE_MS);
  assert.equal((await idle.get("/admin")).status, 303);
  const busy = await anna();
  const step = ADMIN_SESSION_IDLE_MS / 2;
  for (let passed = 0; passed + step < ADMIN_SESSION_MS; passed += step) {
    origin.clock.pass(step);
    assert.equal((await busy.get("/admin")).status, 200);
  }
  origin.clock.pass(step);
  assert.equal((await busy.get("/admin")).status, 303);
});

test("signing out ends this session, signing out everywhere ends all of the account's", async (t) => {
  const { anna } = await adminSite(t);
  const [a, b, c] = [await anna(), await anna(), await anna()];
  const old = a.cookies.get("__Host-upswarm-admin") ?? "";
  await a.send("/admin", "/admin/sign-out");
  a.cookies.set("__Host-upswarm-admin", old);
  assert.equal((await a.get("/admin")).status, 303, "the value itself is worth nothing any more");
  assert.equal((await b.get("/admin")).status, 200);
  await b.send("/admin", "/admin/sign-out-everywhere");
  assert.equal((await c.get("/admin")).status, 303);
});

test("a changed password and a removed account end the sessions", async (t) => {
  const { anna, accounts, browser } = await adminSite(t);
  const first = await anna();
  await changePassword(accounts, "anna", "another good phrase");
  assert.equal((await first.get("/admin")).status, 303);
  assert.equal((await browser().signIn("anna", PASSWORD)).status, 401);
  const second = browser();
  assert.equal((await second.signIn("anna", "another good phrase")).status, 303);
  await removeAccount(accounts, "anna");
  assert.equal((await second.get("/admin")).status, 303);
});

function verifyToken(token: string): Promise<{ name: string } | null> {
  return Promise.resolve(token === "secret" ? { name: "deploy" } : null);
}

test("an API token signs in where the origin takes them, and is named in the audit log", async (t) => {
  const { browser } = await adminSite(t, { verifyToken });
  const visitor = browser();
  assert.equal((await visitor.send("/admin/sign-in", "/admin/sign-in", { token: "wrong" })).status, 401);
  assert.equal((await visitor.send("/admin/sign-in", "/admin/sign-in", { token: "secret" })).location, "/admin");
  assert.match((await visitor.get("/admin/audit")).page, /token deploy/);
  const { browser: without } = await adminSite(t);
  assert.doesNotMatch((await without().get("/admin/sign-in")).page, /API token/);
});

test("over HTTP from elsewhere the page says that signing in will not work", async (t) => {
  const { app } = await adminSite(t);
  const page = async (host: string, protocol: string): Promise<string> =>
    (await app.inject({ url: "/admin/sign-in", headers: { host, "x-forwarded-proto": protocol } })).body;
  assert.match(await page("updates.example", "http"), /did not come over HTTPS/);
  assert.doesNotMatch(await page("updates.example", "https"), /did not come over HTTPS/);
  assert.doesNotMatch(await page("127.0.0.1:8080", "http"), /did not come over HTTPS/);
});
