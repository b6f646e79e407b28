import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get as getSecurely } from "node:https";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import type { Log } from "../../core/index.ts";
import type { AppPlugin } from "./create-app.ts";
import { fakeOrigin, randomPayload } from "./fake-origin.test.ts";
import { addressGroup } from "./listening-server.ts";

const form: AppPlugin = (app) => void app.post("/form", () => "x");
const REQUEST = "GET /healthz HTTP/1.1\r\nHost: t\r\n";

async function opened(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** What comes back after this was sent, until the connection ends. */
async function said(socket: Socket, text: string): Promise<string> {
  let answer = "";
  socket.on("data", (part) => (answer += part.toString("latin1")));
  socket.write(text);
  await once(socket, "close");
  return answer;
}

test("who sends no head, half a head, half a body or nothing more is cut", async () => {
  const limits = { headersTimeoutMs: 100, requestTimeoutMs: 200, keepAliveMs: 100, idleTimeoutMs: 10_000 };
  await using origin = await fakeOrigin({ plugins: [form], limits });
  const { port } = await origin.listen();
  assert.match(await said(await opened(port), ""), /^(?:HTTP\/1\.1 408 |$)/);
  assert.match(await said(await opened(port), REQUEST), /^HTTP\/1\.1 408 /);
  const half = "POST /form HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\nhalf";
  assert.match(await said(await opened(port), half), /^HTTP\/1\.1 408 /);
  assert.match(await said(await opened(port), `${REQUEST}\r\n`), /^HTTP\/1\.1 200 /);
});

test("a download that nobody reads is cut when no byte has moved for the idle time", async () => {
  await using origin = await fakeOrigin({ limits: { idleTimeoutMs: 100 } });
  await origin.add({}, Buffer.alloc(64 << 20));
  const { port } = await origin.listen();
  const socket = await opened(port);
  socket.write("GET /download/tool/1.0/tool.bin HTTP/1.1\r\nHost: t\r\n\r\n");
  socket.pause();
  while (origin.transfers.count === 0) await new Promise((resolve) => setImmediate(resolve));
  while (origin.transfers.count > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(origin.sent.directBytes < 64 << 20);
  socket.destroy();
});

test("an address has so many connections, and gets one again when another has ended; others are served meanwhile", async () => {
  await using origin = await fakeOrigin({ limits: { connectionsPerAddressMax: 2 } });
  const { port } = await origin.listen();
  const held = [await opened(port), await opened(port)];
  assert.equal(await said(await opened(port), `${REQUEST}\r\n`), "");
  const close = `${REQUEST}Connection: close\r\n\r\n`;
  assert.match(await said(await opened(port, "127.0.0.2"), close), /^HTTP\/1\.1 200 /);
  assert.match(await said(held[0]!, close), /^HTTP\/1\.1 200 /);
  assert.match(await said(await opened(port), close), /^HTTP\/1\.1 200 /);
  held[1]!.destroy();
});

test("a connection that cannot be accepted for want of descriptors does not end the process", async () => {
  await using origin = await fakeOrigin();
  const { port } = await origin.listen();
  origin.app.server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE", syscall: "accept" }));
  assert.match(await said(await opened(port), `${REQUEST}Connection: close\r\n\r\n`), /^HTTP\/1\.1 200 /);
});

test("a trusted proxy's connections are not counted as one address's", async () => {
  await using origin = await fakeOrigin(
    { limits: { connectionsPerAddressMax: 1 } },
    { trustedProxies: ["127.0.0.0/8"] },
  );
  const { port } = await origin.listen();
  const held = await opened(port);
  assert.match(await said(await opened(port), `${REQUEST}Connection: close\r\n\r\n`), /^HTTP\/1\.1 200 /);
  held.destroy();
});

test("there are so many connections in all", async () => {
  await using origin = await fakeOrigin({ limits: { connectionsMax: 2 } });
  const { port } = await origin.listen();
  const held = [await opened(port), await opened(port, "127.0.0.2")];
  assert.equal(await said(await opened(port, "127.0.0.3"), `${REQUEST}\r\n`), "");
  for (const socket of held) socket.destroy();
});

test("addressGroup() takes an IPv6 /64 and an IPv4 address for one", () => {
  for (const [address, group] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::5", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ] as const) {
    assert.equal(addressGroup(address), group);
  }
});

test("a thousand connections that say nothing or trickle a head do not keep others from being served", async () => {
  await using origin = await fakeOrigin();
  await origin.add({}, randomPayload(100_000));
  const { port, url } = await origin.listen();
  const held = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => opened(port, `127.0.0.${2 + (index % 8)}`)),
  );
  for (const [index, socket] of held.entries()) if (index % 2 === 0) socket.write("GET / HTTP/1.1\r\nX-Slow: ");
  for (let round = 0; round < 20; round++) {
    for (const socket of held) if (!socket.destroyed) socket.write("x");
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await (await fetch(`${url}/download/tool/1.0/tool.bin`)).arrayBuffer()).byteLength, 100_000);
  }
  for (const socket of held) socket.destroy();
});

const hasOpenssl = (() => {
  try {
    execFileSync("openssl", ["version"]);
    return true;
  } catch {
    return false;
  }
})();

test(
  "TLS by files, whose new content is taken when it fits; HSTS is sent",
  { skip: !hasOpenssl && "needs openssl" },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "upswarm-tls-"));
    const tls = { certificateFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
    const make = (name: string): void => {
      const names = ["-subj", `/CN=${name}`, "-keyout", tls.keyFile, "-out", tls.certificateFile];
      execFileSync("openssl", ["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "1", ...names], {
        stdio: "ignore",
      });
    };
    make("one");
    try {
      const told: string[] = [];
      const log: Log = { write: (_, event) => void told.push(event) };
      await using origin = await fakeOrigin({ tls, limits: { certificateCheckMs: 20 } }, {}, log);
      const { port } = await origin.listen();
      const seen = async (): Promise<{ name: unknown; response: IncomingMessage }> => {
        const request = getSecurely({
          port,
          host: "127.0.0.1",
          path: "/healthz",
          rejectUnauthorized: false,
          agent: false,
        });
        const [response] = (await once(request, "response")) as [IncomingMessage];
        response.resume();
        return { name: (response.socket as TLSSocket).getPeerCertificate().subject.CN, response };
      };
      const { name, response } = await seen();
      assert.equal(name, "one");
      assert.equal(response.headers["strict-transport-security"], "max-age=63072000");
      writeFileSync(tls.certificateFile, "half of a certificate");
      while (!told.includes("http.certificate-refused")) await new Promise((resolve) => setImmediate(resolve));
      assert.equal((await seen()).name, "one");
      make("two");
      while ((await seen()).name === "one");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
