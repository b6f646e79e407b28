import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { UPLOAD_ANSWER_BYTES_MAX, UPLOAD_ATTEMPTS_MAX } from "../../core/index.ts";
import { OriginAnswerError } from "./origin-answer-error.ts";
import { Patience } from "./patience.ts";
import { UploadClient } from "./upload-client.ts";
import { UploadError } from "./upload-error.ts";

interface FakeOrigin extends AsyncDisposable {
  readonly client: UploadClient;
  readonly requests: IncomingMessage[];
}

async function openFake(answer: (response: ServerResponse) => void, path = ""): Promise<FakeOrigin> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  const client = new UploadClient({ url: `http://127.0.0.1:${port}${path}`, token: "t" });
  return { client, requests, [Symbol.asyncDispose]: close };
}

test("an answer of UPLOAD_ANSWER_BYTES_MAX is read, and of one that is longer no more", async () => {
  for (const [lengthBytes, expected] of [
    [UPLOAD_ANSWER_BYTES_MAX, /no Upswarm origin/],
    [UPLOAD_ANSWER_BYTES_MAX + 1, /longer than/],
  ] as const) {
    await using origin = await openFake((response) => response.end(Buffer.alloc(lengthBytes, "x")));
    await assert.rejects(origin.client.settings(), { code: "upload.refused", message: expected });
  }
});

test("the token goes to the origin below its own path, and along no redirect", async () => {
  await using origin = await openFake((response) => {
    response.writeHead(307, { location: "http://127.0.0.1:1/" }).end();
  }, "/updates/");
  await assert.rejects(origin.client.settings(), { code: "upload.unreachable" });
  assert.deepEqual(
    origin.requests.map(({ url, headers }) => [url, headers.authorization]),
    [["/updates/api/v1/uploads", "Bearer t"]],
  );
});

test("what answers is told by its problem document, and by its status where it has none", async () => {
  const problems: readonly (readonly [string, string, string])[] = [
    ['{"code":"access.scope","detail":"Lacks it."}', "access.scope", "Lacks it."],
    ["<h1>Bad gateway</h1>", "upload.refused", "The origin answered 502."],
    ['{"code":"<script>","detail":7}', "upload.refused", "The origin answered 502."],
    ["null", "upload.refused", "The origin answered 502."],
  ];
  for (const [body, code, message] of problems) {
    await using origin = await openFake((response) => response.writeHead(502).end(body));
    await assert.rejects(origin.client.settings(), { code, message, status: 502, retryable: true });
  }
});

test("Patience tries UPLOAD_ATTEMPTS_MAX times without progress, and anew after some", async () => {
  const passing = new UploadError("upload.unreachable", "down", { retryable: true });
  const patience = new Patience(undefined, 0);
  for (let round = 0; round < 2; round++) {
    for (let failure = 1; failure < UPLOAD_ATTEMPTS_MAX; failure++) await patience.after(passing);
    if (round === 0) patience.renew();
  }
  await assert.rejects(patience.after(passing), passing);
});

test("Patience tries nothing again that fails for good", async () => {
  const patience = new Patience(undefined, 0);
  for (const error of [new OriginAnswerError(403, "access.scope", "no"), new Error("bug")]) {
    await assert.rejects(patience.after(error), error);
  }
  await patience.after(new OriginAnswerError(503, "publish.busy", "later"));
});
