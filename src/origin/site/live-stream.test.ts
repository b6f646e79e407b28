import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import {
  SITE_LIVE_HEARTBEAT_MS,
  SITE_LIVE_LISTENERS_MAX,
  SITE_LIVE_LISTENERS_PER_ADDRESS_MAX,
  SITE_LIVE_UNREAD_BYTES_MAX,
} from "../../core/index.ts";
import { fixtureSite, WITHDRAWAL, type FixtureSite } from "./fixture.test.ts";
import { ListenerQuota } from "./listener-quota.ts";

const DEADLINE_MS = 10_000;
const PATH = "/live/demo/1.0";

interface Served extends FixtureSite {
  readonly url: string;
}

async function serve(t: TestContext): Promise<Served> {
  const site = await fixtureSite();
  await site.app.listen({ port: 0, host: "127.0.0.1" });
  t.after(() => site.app.close());
  return { ...site, url: `http://127.0.0.1:${(site.app.server.address() as AddressInfo).port}` };
}

interface LiveEvent {
  readonly name: string;
  readonly data: { texts?: Record<string, string>; samples?: readonly unknown[] };
}

/** Reads events one by one; comments come as events without a name. */
class Reader {
  readonly response: Response;
  readonly #body: ReadableStreamDefaultReader<string>;
  readonly #abort = new AbortController();
  #text = "";

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    assert.ok(response.body);
    this.#body = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(url: string): Promise<Reader> {
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(DEADLINE_MS)]);
    return new Reader(await fetch(url + PATH, { signal }), abort);
  }

  /** Null at the end. */
  async next(): Promise<LiveEvent | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end !== -1) {
        const lines = this.#text.slice(0, end).split("\n");
        this.#text = this.#text.slice(end + 2);
        const field = (name: string): string =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
        if (field("retry") === "") return { name: field("event"), data: JSON.parse(field("data") || "{}") };
        continue;
      }
      const { done, value } = await this.#body.read();
      if (done) return null;
      this.#text += value;
    }
  }

  leave(): void {
    this.#abort.abort();
  }
}

test("the stream begins with the whole history and goes on with what is new", async (t) => {
  const { url, swarms } = await serve(t);
  const reader = await Reader.open(url);
  assert.equal(reader.response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.equal(reader.response.headers.get("cache-control"), "no-store");
  const first = await reader.next();
  assert.equal(first?.name, "swarm");
  assert.equal(first.data.samples?.length, 100);
  assert.equal(first.data.texts?.["completed"], "550");
  swarms.step();
  const second = await reader.next();
  assert.equal(second?.data.samples?.length, 1);
  assert.notEqual(second.data.texts?.["completed"], "550");
  reader.leave();
});

test("a reader who goes is forgotten", async (t) => {
  const { url, swarms } = await serve(t);
  const reader = await Reader.open(url);
  await reader.next();
  assert.equal(swarms.listeners.size, 1);
  const forgotten = new Promise<void>((resolve) => {
    const { listeners } = swarms;
    const remove = listeners.delete.bind(listeners);
    listeners.delete = (listener) => {
      resolve();
      return remove(listener);
    };
  });
  reader.leave();
  await forgotten;
  assert.equal(swarms.listeners.size, 0);
});

test("a withdrawal ends the stream, and afterwards there is none", async (t) => {
  const { url, swarms, catalogue } = await serve(t);
  const reader = await Reader.open(url);
  await reader.next();
  catalogue.withdraw({ product: "demo", version: "1.0" }, WITHDRAWAL);
  swarms.step();
  assert.equal((await reader.next())?.name, "withdrawn");
  assert.equal(await reader.next(), null);
  assert.equal((await fetch(url + PATH)).status, 451);
});

test("closing the server ends the streams", async (t) => {
  const { app, url } = await serve(t);
  const reader = await Reader.open(url);
  await reader.next();
  await app.close();
  assert.equal(await reader.next(), null);
});

test("a silent swarm's stream says now and then that it lives", async (t) => {
  const { url } = await serve(t);
  t.mock.timers.enable({ apis: ["setInterval"] });
  const reader = await Reader.open(url);
  await reader.next();
  t.mock.timers.tick(SITE_LIVE_HEARTBEAT_MS);
  assert.deepEqual(await reader.next(), { name: "", data: {} });
  reader.leave();
});

test("a reader who does not read is cut off", async (t) => {
  const { url, swarms } = await serve(t);
  const request = get(url + PATH);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.on("error", () => {});
  request.on("error", () => {});
  response.pause();
  let bytes = 0;
  // The kernel's buffers take some megabytes before the limit can be reached.
  for (let turn = 0; swarms.listeners.size > 0; turn++) {
    assert.ok(bytes < 512 * SITE_LIVE_UNREAD_BYTES_MAX, "it was never cut off");
    for (let i = 0; i < 200; i++, bytes += 400) swarms.step();
    await new Promise((resolve) => setImmediate(resolve));
  }
  request.destroy();
});

test("readers of one address and of all have their limits, and a place that was left is free", () => {
  const quota = new ListenerQuota();
  const take = (address: string) => quota.take(address);
  const held = Array.from({ length: SITE_LIVE_LISTENERS_PER_ADDRESS_MAX }, (_, index) =>
    take(`2001:db8:0:1::${index.toString(16)}`),
  );
  assert.ok(held.every((place) => typeof place === "object"));
  assert.equal(take("2001:db8::1:0:0:0:ffff"), "address", "one line of IPv6 has one /64, however it is written");
  const other = take("2001:db8:0:2::1");
  assert.ok(typeof other === "object");
  const [first] = held;
  assert.ok(typeof first === "object");
  first.release();
  first.release();
  assert.ok(typeof take("2001:db8:0:1::1") === "object");
  assert.equal(take("2001:db8:0:1::1"), "address", "a place is given back once");
  for (let index = SITE_LIVE_LISTENERS_PER_ADDRESS_MAX + 1; index < SITE_LIVE_LISTENERS_MAX; index++) {
    assert.ok(typeof take(`10.0.${index >> 8}.${index & 255}`) === "object");
  }
  assert.equal(take("192.0.2.1"), "all");
  other.release();
  assert.ok(typeof take("::ffff:192.0.2.1") === "object");
});

test("over the limit of an address the stream answers 429", async (t) => {
  const { url } = await serve(t);
  const readers: Reader[] = [];
  for (let i = 0; i < SITE_LIVE_LISTENERS_PER_ADDRESS_MAX; i++) readers.push(await Reader.open(url));
  const refused = await fetch(url + PATH);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "60");
  for (const reader of readers) reader.leave();
});
