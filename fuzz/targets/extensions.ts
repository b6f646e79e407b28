// The payloads of extended messages (BEP 9, 10, 11, 21, 54). Their numbers and lists are within their limits.

import assert from "node:assert/strict";
import { CLIENT_NAME_LENGTH_MAX, endpointOf, PEX_CONTACTS_MAX, REQUEST_QUEUE_MAX } from "../../src/core/index.ts";
import type { Endpoint } from "../../src/core/index.ts";
import {
  encodeDontHave,
  encodeExtensionHandshake,
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  encodePeerExchange,
  encodeUploadOnly,
  EXTENDED_HEADER_BYTES,
  parseDontHave,
  parseExtensionHandshake,
  parseMetadataMessage,
  parsePeerExchange,
  parseUploadOnly,
  WireError,
} from "../../src/wire/index.ts";
import { accepts } from "../target.ts";
import type { FuzzTarget } from "../target.ts";

/** The payload of a whole message. */
function payloadOf(message: Buffer): Buffer {
  return message.subarray(EXTENDED_HEADER_BYTES);
}

function endpoint(address: string, port: number): Endpoint {
  const made = endpointOf(address, port);
  assert.ok(made !== null);
  return made;
}

export const extensionHandshake: FuzzTarget = {
  name: "extension-handshake",
  corpus: [
    payloadOf(
      encodeExtensionHandshake({
        extensions: ["ut_pex", "ut_metadata", "upload_only", "lt_donthave"],
        clientName: "Upswarm 0.1",
        reqq: 500,
        metadataSize: 31_235,
        listenPort: 6881,
        uploadOnly: true,
        yourip: "10.1.2.3",
        site: "office 7",
      }),
    ),
    Buffer.from("d1:mdee"),
  ],
  tokens: [
    "m",
    "v",
    "p",
    "reqq",
    "metadata_size",
    "yourip",
    "site",
    "upload_only",
    "ut_pex",
    "ut_metadata",
    "\u001b[2J",
  ],
  isBencoded: true,
  check: (input) =>
    accepts(WireError, () => {
      const { clientName, reqq, metadataSize, listenPort, m } = parseExtensionHandshake(input);
      assert.ok(clientName === null || clientName.length <= CLIENT_NAME_LENGTH_MAX);
      assert.ok(clientName === null || !/[\p{Cc}\p{Cf}]/u.test(clientName), JSON.stringify(clientName));
      assert.ok(reqq === null || (reqq >= 1 && reqq <= REQUEST_QUEUE_MAX));
      assert.ok(listenPort === null || (listenPort >= 1 && listenPort <= 65_535));
      assert.ok(metadataSize === null || metadataSize >= 1);
      for (const id of Object.values(m)) assert.ok(id >= 0 && id <= 255);
    }),
};

export const metadataMessage: FuzzTarget = {
  name: "metadata-message",
  corpus: [
    payloadOf(encodeMetadataRequest(2, 1)),
    payloadOf(encodeMetadataReject(2, 1)),
    payloadOf(encodeMetadataData(2, 1, 16_484, Buffer.alloc(100, 5))),
  ],
  tokens: ["msg_type", "piece", "total_size", "i0e", "i1e", "i2e", "ee"],
  isBencoded: true,
  check: (input) =>
    accepts(WireError, () => {
      const message = parseMetadataMessage(input);
      if (message === null) return;
      const { type, piece } = message;
      const again =
        type === "data"
          ? encodeMetadataData(2, piece, message.totalBytes, message.data)
          : (type === "request" ? encodeMetadataRequest : encodeMetadataReject)(2, piece);
      assert.deepEqual(parseMetadataMessage(payloadOf(again)), message);
    }),
};

export const peerExchange: FuzzTarget = {
  name: "peer-exchange",
  corpus: [
    payloadOf(
      encodePeerExchange(1, {
        added: [
          { endpoint: endpoint("10.0.0.1", 6881), flags: 2 },
          { endpoint: endpoint("fd00::1", 6882), flags: 0 },
        ],
        dropped: [endpoint("10.0.0.3", 6883), endpoint("fd00::3", 1)],
      }),
    ),
    payloadOf(encodePeerExchange(1, { added: [], dropped: [] })),
  ],
  tokens: ["added", "added.f", "added6", "added6.f", "dropped", "dropped6"],
  isBencoded: true,
  check: (input) =>
    accepts(WireError, () => {
      const exchange = parsePeerExchange(input);
      assert.ok(exchange.added.length <= 2 * PEX_CONTACTS_MAX && exchange.dropped.length <= 2 * PEX_CONTACTS_MAX);
      for (const at of [...exchange.added.map((contact) => contact.endpoint), ...exchange.dropped]) {
        assert.ok(at.port >= 1 && at.port <= 65_535, "a contact has a port");
      }
      assert.deepEqual(parsePeerExchange(payloadOf(encodePeerExchange(1, exchange))), exchange);
    }),
};

export const stateMessages: FuzzTarget = {
  name: "state-messages",
  corpus: [payloadOf(encodeDontHave(4, 77)), payloadOf(encodeUploadOnly(3, true))],
  tokens: [],
  isBencoded: false,
  check: (input) => {
    const isIndex = accepts(WireError, () => {
      const index = parseDontHave(input);
      assert.equal(parseDontHave(payloadOf(encodeDontHave(4, index))), index);
    });
    return accepts(WireError, () => parseUploadOnly(input)) || isIndex;
  },
};
