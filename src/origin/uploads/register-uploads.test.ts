import assert from "node:assert/strict";
import { request } from "node:http";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { UPLOAD_COMPLETION_BYTES_MAX, UPLOAD_METAINFO_BYTES_MAX } from "../../core/index.ts";
import { prepare, temporaryFolder } from "../publishing/sample-origin.test.ts";
import { openUploads, present, settings, TOKEN, type UploadOrigin } from "./sample-uploads.test.ts";
import { METAINFO_TYPE, PART_TYPE, UPLOADS_PATH } from "./upload-protocol.ts";

const bytes = Buffer.alloc(200_000, "update ");

interface World extends UploadOrigin {
  readonly metainfo: Buffer;
  ask(options: InjectOptions): Promise<LightMyRequestResponse>;
  begin(metainfo?: Buffer, query?: Record<string, string>): Promise<LightMyRequestResponse>;
  append(id: string, offset: string | null, body: Buffer): Promise<LightMyRequestResponse>;
}

async function openWorld(): Promise<World> {
  const folder = await temporaryFolder();
  const served = await openUploads(folder.path);
  const path = join(folder.path, "update.bin");
  await writeFile(path, bytes);
  const { metainfo } = await prepare({ path, ...settings });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const ask = (options: InjectOptions): Promise<LightMyRequestResponse> =>
    served.app.inject({ ...options, headers: { ...headers, ...options.headers } });
  return {
    ...served,
    metainfo,
    ask,
    begin: (body = metainfo, query = { product: "update", version: "1.0" }) =>
      ask({ method: "POST", url: UPLOADS_PATH, query, payload: body, headers: { "content-type": METAINFO_TYPE } }),
    append: (id, offset, payload) => {
      const at = offset === null ? {} : { "upload-offset": offset };
      const url = `${UPLOADS_PATH}/${id}`;
      return ask({ method: "PATCH", url, payload, headers: { "content-type": PART_TYPE, ...at } });
    },
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function refusedAs(response: LightMyRequestResponse, status: number, code: string): void {
  const problem = response.json<{ code: string; status: number; detail: string }>();
  assert.deepEqual([response.statusCode, problem.status, problem.code], [status, status, code], problem.detail);
  assert.match(String(response.headers["content-type"]), /^application\/problem\+json/);
}

const completion = { channel: "stable", vendor: null, notes: null, sequence: 1, publishedAt: 1, signed: {} };

test("every route of uploads wants the token before it reads a body", async () => {
  await using world = await openWorld();
  const id = "0".repeat(32);
  for (const [method, path] of [
    ["GET", ""],
    ["POST", "?product=update&version=1.0"],
    ["HEAD", `/${id}`],
    ["PATCH", `/${id}`],
    ["DELETE", `/${id}`],
    ["GET", `/${id}/basis`],
    ["POST", `/${id}/complete`],
  ] as const) {
    const { statusCode } = await world.app.inject({ method, url: UPLOADS_PATH + path, payload: "{" });
    assert.equal(statusCode, 401, `${method} ${path}`);
  }
});

test("an upload begins with its metainfo, and to begin it again finds it where it is", async () => {
  await using world = await openWorld();
  const begun = await world.begin();
  const { id } = begun.json<{ id: string }>();
  assert.equal(begun.statusCode, 201);
  assert.equal(begun.headers["location"], `${UPLOADS_PATH}/${id}`);
  assert.deepEqual(begun.json(), { kind: "upload", id, offset: 0, lengthBytes: bytes.length });
  const sent = await world.append(id, "0", bytes.subarray(0, 5));
  assert.deepEqual([sent.statusCode, sent.headers["upload-offset"]], [204, "5"]);
  const again = await world.begin();
  assert.deepEqual([again.statusCode, again.json()], [200, { ...begun.json(), offset: 5 }]);
  const asked = await world.ask({ method: "HEAD", url: `${UPLOADS_PATH}/${id}` });
  const { "upload-offset": offset, "upload-length": length } = asked.headers;
  assert.deepEqual([asked.statusCode, offset, length], [204, "5", `${bytes.length}`]);
});

test("what is no metainfo of this origin does not begin an upload", async () => {
  await using world = await openWorld();
  refusedAs(await world.begin(Buffer.from("d1:ae")), 422, "metainfo.syntax");
  const file = join(world.origin.folder, "update.bin");
  for (const other of [{ trackers: [] }, { publicUrl: "https://elsewhere.example" }]) {
    const { metainfo } = await prepare({ path: file, ...settings, ...other });
    refusedAs(await world.begin(metainfo), 400, "upload.request");
  }
  refusedAs(await world.begin(world.metainfo, { product: "update", version: "1.1" }), 400, "upload.request");
  for (const product of ["..", "a/b", "", ".hidden", "api", "UPPER"]) {
    assert.equal((await world.begin(world.metainfo, { product, version: "1.0" })).statusCode, 400, product);
  }
  const plain = await world.ask({ method: "POST", url: `${UPLOADS_PATH}?product=update&version=1.0`, payload: {} });
  refusedAs(plain, 400, "upload.request");
  assert.equal(world.uploads.count, 0);
});

test("metainfo of UPLOAD_METAINFO_BYTES_MAX is looked at, and a byte more is not", async () => {
  await using world = await openWorld();
  refusedAs(await world.begin(Buffer.alloc(UPLOAD_METAINFO_BYTES_MAX)), 422, "metainfo.syntax");
  assert.equal((await world.begin(Buffer.alloc(UPLOAD_METAINFO_BYTES_MAX + 1))).statusCode, 413);
});

test("a completion of UPLOAD_COMPLETION_BYTES_MAX is looked at, and a byte more is not", async () => {
  await using world = await openWorld();
  const { id } = (await world.begin()).json<{ id: string }>();
  const complete = (lengthBytes: number): Promise<LightMyRequestResponse> => {
    const empty = JSON.stringify({ ...completion, signed: { "1.targets.json": "" } });
    const signed = { "1.targets.json": "x".repeat(lengthBytes - empty.length) };
    return world.ask({ method: "POST", url: `${UPLOADS_PATH}/${id}/complete`, payload: { ...completion, signed } });
  };
  refusedAs(await complete(UPLOAD_COMPLETION_BYTES_MAX), 409, "upload.incomplete");
  assert.equal((await complete(UPLOAD_COMPLETION_BYTES_MAX + 1)).statusCode, 413);
});

test("bytes are taken where the upload is, and nowhere else", async () => {
  await using world = await openWorld();
  const { id } = (await world.begin()).json<{ id: string }>();
  await world.append(id, "0", bytes.subarray(0, 100));
  for (const offset of ["0", "99", "101"]) {
    const response = await world.append(id, offset, bytes);
    refusedAs(response, 409, "upload.offset");
    assert.equal(response.headers["upload-offset"], "100");
  }
  for (const offset of [null, "", "-1", "1.5", "1e3", "9".repeat(16)]) {
    refusedAs(await world.append(id, offset, bytes), 400, "upload.request");
  }
  refusedAs(await world.append(id, "100", Buffer.concat([bytes, bytes])), 413, "upload.too-large");
  refusedAs(await world.append("f".repeat(32), "0", bytes), 404, "upload.unknown");
  assert.equal((await world.append("../1", "0", bytes)).statusCode, 404);
});

test("what came and is not what the metainfo says is sent again from the first bad piece on", async () => {
  await using world = await openWorld();
  const { id } = (await world.begin()).json<{ id: string }>();
  const bad = Buffer.from(bytes);
  bad[100_000] = 0;
  await world.append(id, "0", bad);
  const complete = { method: "POST", url: `${UPLOADS_PATH}/${id}/complete`, payload: completion } as const;
  refusedAs(await world.ask(complete), 409, "upload.damaged");
  const { offset } = (await world.begin()).json<{ offset: number }>();
  assert.equal(offset, 65_536);
  await world.append(id, "65536", bytes.subarray(65_536));
  const { statusCode, body } = await world.ask(complete);
  assert.equal(statusCode, 200, body);
  refusedAs(await world.ask(complete), 404, "upload.unknown");
});

test("an upload that is given up is gone", async () => {
  await using world = await openWorld();
  const { id } = (await world.begin()).json<{ id: string }>();
  const url = `${UPLOADS_PATH}/${id}`;
  assert.equal((await world.ask({ method: "DELETE", url })).statusCode, 204);
  assert.equal((await world.ask({ method: "HEAD", url })).statusCode, 404);
  assert.equal(world.uploads.count, 0);
});

test("a publisher who comes back does not wait for the connection that it lost", async () => {
  await using world = await openWorld();
  const { id } = (await world.begin()).json<{ id: string }>();
  const url = `${UPLOADS_PATH}/${id}`;
  // Sends a little and then nothing, and does not close.
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": PART_TYPE, "upload-offset": "0" };
  const half = request({ port: world.port, host: "127.0.0.1", path: url, method: "PATCH", headers });
  const cut = new Promise((resolve) => half.once("error", resolve));
  half.write(bytes.subarray(0, 1000));
  const upload = world.uploads.get(id);
  while (upload.missingBytes === bytes.length) await new Promise((resolve) => setImmediate(resolve));
  const asked = await world.ask({ method: "HEAD", url });
  assert.equal(asked.headers["upload-offset"], "1000");
  await cut;
  assert.equal((await world.append(id, "1000", bytes.subarray(1000))).statusCode, 204);
  assert.equal(present(upload).missingBytes, 0);
});
