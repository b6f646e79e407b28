// The cable is out for a while between two hosts of their own.

import { test } from "node:test";
import { runOutage } from "../fault/outage.ts";
import { missing } from "../processes/clients/installed.ts";

const OUTAGE_MS = 5_000;

test("a download goes on by itself when the cable is in again", { skip: missing("iproute2") }, async (t) => {
  const { flowsAfterMs } = await runOutage("cable-out", OUTAGE_MS);
  t.diagnostic(`bytes flow ${Math.round(flowsAfterMs)} ms after`);
});
