// Runs the desk's rounds, one after the other, until it is stopped. A round that fails is reported and the next one comes.

import { messageOf, NOTICES_ROUND_MS, type Log } from "../../core/index.ts";
import type { NoticeDesk } from "./notice-desk.ts";

/** Returns how to stop, which waits for the round that runs. */
export function startRounds(desk: Pick<NoticeDesk, "round">, log: Log): () => Promise<void> {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= desk
      .round()
      .catch((error: unknown) => log.write("error", "notices.round-failed", { reason: messageOf(error) }))
      .finally(() => (running = null));
  }, NOTICES_ROUND_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
