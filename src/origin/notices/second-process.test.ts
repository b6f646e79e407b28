// For notice-desk.test.ts: a second process that takes letters into the database that it is given, until its input ends.
// Started as a test it has no database and nothing to do.

import { silentLog, systemClock, systemRandom } from "../../core/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { openDatabase } from "../database/open-database.ts";
import type { Release } from "../domain.ts";
import { NoticeDesk, type DeskParts } from "./notice-desk.ts";
import { noticeFields } from "./notice-fixture.test.ts";

const [, , databasePath] = process.argv;
if (databasePath !== undefined) {
  let isOver = false;
  process.stdin.on("end", () => (isOver = true)).resume();
  await using database = await openDatabase(databasePath);
  const example = { product: "example", version: "2.0" } as Release;
  const parts = {
    config: { publicUrl: "https://updates.example", mail: null, agent: null },
    database,
    catalogue: { release: () => Promise.resolve(example) } as unknown as Catalogue,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  } as unknown as DeskParts;
  const desk = await NoticeDesk.open(parts);
  do {
    await desk.submit(noticeFields, { via: "letter", address: null, key: null });
    process.stdout.write(".");
    // Lets the input's end be heard.
    await new Promise((resolve) => setImmediate(resolve));
  } while (!isOver);
}
