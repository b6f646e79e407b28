// Opens connections by the thousand from many loopback addresses and holds them, as a process of its own: its argument is a
// Flood as JSON. Those that are closed are opened anew until it is told "enough" on stdin. It says how it stands every
// tenth of a second: how many were opened in all, and how many are open now.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import type { Socket } from "node:net";

export interface Flood {
  readonly port: number;
  /** Open at once, as far as the other end allows. */
  readonly count: number;
  /** They come in turn from so many addresses: 127.1.0.1, 127.1.0.2 … */
  readonly addressCount: number;
  /** What each says first, in hex; `*` stands for 20 random bytes. */
  readonly says: string;
}

export interface FloodStatus {
  readonly openedCount: number;
  readonly heldCount: number;
}

/** As many a step, so that the listener's queue has room; and a share of that once all were opened. */
const STEP_MS = 20;
const STEP_COUNT = 200;
const AGAIN_STEP_COUNT = 20;

const flood = JSON.parse(process.argv[2] ?? "") as Flood;
const open = new Set<Socket>();
let startedCount = 0;
let openedCount = 0;
let isEnough = false;

function addressOf(index: number): string {
  const host = index % flood.addressCount;
  return `127.1.${Math.floor(host / 250)}.${(host % 250) + 1}`;
}

function openOne(): void {
  const socket = connect({ host: "127.0.0.1", port: flood.port, localAddress: addressOf(startedCount++) });
  open.add(socket);
  socket.on("error", () => {});
  socket.on("data", () => {});
  socket.once("connect", () => {
    openedCount++;
    socket.write(
      Buffer.from(
        flood.says.replaceAll("*", () => randomBytes(20).toString("hex")),
        "hex",
      ),
    );
  });
  socket.once("close", () => open.delete(socket));
}

setInterval(() => {
  const stepCount = startedCount < flood.count ? STEP_COUNT : AGAIN_STEP_COUNT;
  for (let count = 0; count < stepCount && !isEnough && open.size < flood.count; count++) openOne();
}, STEP_MS);
setInterval(() => console.log(JSON.stringify({ openedCount, heldCount: open.size } satisfies FloodStatus)), 100);
process.stdin.on("data", () => (isEnough = true));
process.stdin.on("end", () => process.exit());
