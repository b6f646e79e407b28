// `upswarm notice …`: notices and their cases in an origin's folder on this machine. A running `serve` follows: mails leave
// within seconds, releases are withdrawn and restored as with `upswarm withdraw`.

import { readFile } from "node:fs/promises";
import type { Case, ChainHead, NoticeDesk } from "../../origin/index.ts";
import { systemRandom } from "../../core/index.ts";
import { fileError } from "../cli-error.ts";
import type { Context } from "../context.ts";
import { DONE, INVALID, type ExitCode } from "../exit-codes.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { dataOption } from "../origin-options.ts";

export const casePositional = { case: { placeholder: "CASE", summary: "The case, such as 2026-0001" } } as const;
const filePositional = { file: { placeholder: "FILE", summary: "JSON: one object", complete: "file" } } as const;
const FIELDS =
  "name, organization, email, phone, address, work, material (texts), goodFaith, accuracy (true), signature";
const COUNTER_FIELDS = "name, email, phone, address, material (texts), mistake, consent (true), signature";
export const CASE_JSON =
  "case, product, version, status, missing, possible, organization, putBack {opensAt, closesAt}, page";

/** The desk of a folder, and what has to be closed again. */
export async function openDesk(
  path: string,
  context: Context,
): Promise<{ readonly desk: NoticeDesk } & AsyncDisposable> {
  const { NoticeDesk, openOriginFolder } = await import("../../origin/index.ts");
  await using opened = new AsyncDisposableStack();
  const origin = opened.use(await openOriginFolder(path, context));
  const { clock, log } = context;
  const desk = await NoticeDesk.open({ ...origin, clock, log, random: systemRandom }, origin.config.notices);
  const owned = opened.move();
  return { desk, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export const noticeSubmitCommand: Command = defineCommand({
  name: "notice submit",
  summary: "record a notice that came by letter or e-mail",
  description: [
    `FILE holds ${FIELDS}. What the law asks for and FILE lacks makes the case incomplete; material has to name a release of ` +
      "this origin, by its page, its magnet link or as PRODUCT/VERSION.",
  ],
  positionals: filePositional,
  options: dataOption,
  examples: [
    { line: "upswarm notice submit letter.json", does: "a case, which an administrator complies with or not" },
  ],
  json: [`${CASE_JSON}; or {error: {code, message}, problems: [{field, message}]} and exit code 3`],
  async run({ positionals, options }, context) {
    const fields = await readFields(positionals.file);
    await using opened = await openDesk(options.data, context);
    const submission = await opened.desk.submit(fields, { via: "letter", address: null, key: null });
    return printed(context, opened.desk, submission);
  },
});

export const noticeCounterCommand: Command = defineCommand({
  name: "notice counter",
  summary: "record a counter-notice that came by letter or e-mail",
  description: [`FILE holds ${COUNTER_FIELDS}. The clock of the put-back runs from now on where nothing is missing.`],
  positionals: { ...casePositional, ...filePositional },
  options: dataOption,
  examples: [{ line: "upswarm notice counter 2026-0001 answer.json", does: "forward it then: upswarm notice forward" }],
  json: [CASE_JSON],
  async run({ positionals, options }, context) {
    const fields = await readFields(positionals.file);
    await using opened = await openDesk(options.data, context);
    const submission = await opened.desk.counter(positionals.case, fields, { via: "letter", address: null, key: null });
    return printed(context, opened.desk, submission);
  },
});

export const noticeListCommand: Command = defineCommand({
  name: "notice list",
  summary: "all cases, newest first",
  positionals: {},
  options: dataOption,
  examples: [{ line: "upswarm notice list", does: "what there is, and where each stands" }],
  json: [`cases: [{${CASE_JSON}}]`],
  async run({ options }, context) {
    await using opened = await openDesk(options.data, context);
    const cases = await opened.desk.cases();
    const lines = cases.map(
      (one) => `${one.id}  ${one.state.status.padEnd(18)}  ${one.ref.product} ${one.ref.version}`,
    );
    const views = cases.map((one) => opened.desk.publicView(one));
    context.print({ cases: views }, lines.length === 0 ? "There is no case." : lines.join("\n"));
  },
});

export const noticeShowCommand: Command = defineCommand({
  name: "notice show",
  summary: "a case: where it stands, its course, and what its senders wrote",
  positionals: casePositional,
  options: dataOption,
  examples: [{ line: "upswarm notice show 2026-0001", does: "with personal data: for you, not for publishing" }],
  json: [`${CASE_JSON}; timeline: [{at, event}]; notices, counters: what was written, null where it was erased`],
  async run({ positionals, options }, context) {
    await using opened = await openDesk(options.data, context);
    const { desk } = opened;
    const one = await desk.find(positionals.case);
    const [events, { notices, counters }] = [await desk.timeline(one.id), await desk.records(one.id)];
    const timeline = events.map(({ at, event }) => ({ at: new Date(at).toISOString(), event }));
    const written = [...notices, ...counters].map(({ content }) =>
      content === null
        ? "(erased)"
        : Object.entries(content)
            .map(([name, value]) => `  ${name}: ${String(value)}`)
            .join("\n"),
    );
    context.print(
      { ...desk.publicView(one), timeline, notices, counters },
      [caseText(desk, one), ...timeline.map(({ at, event }) => `${at}  ${event}`), ...written].join("\n"),
    );
  },
});

export const noticeVerifyLogCommand: Command = defineCommand({
  name: "notice verify-log",
  summary: "check that the log of notices was not changed",
  description: [
    "With --head, also that what was published earlier still stands in it: an end that was cut off shows no other way.",
  ],
  positionals: {},
  options: {
    ...dataOption,
    head: { kind: "path", placeholder: "FILE", summary: "A head.json of an earlier export" },
  },
  examples: [
    { line: "upswarm notice verify-log --head published/head.json", does: "exit code 3 where it was changed" },
  ],
  json: ["intact, sequence (of the head, or of what is wrong), hash, reason"],
  async run({ options }, context) {
    const known = options.head === null ? null : await readHead(options.head);
    await using opened = await openDesk(options.data, context);
    const check = await opened.desk.verifyLog(known);
    if (check.isIntact) {
      const { sequence, hash } = check.head;
      context.print({ intact: true, sequence, hash, reason: null }, `${sequence} entries, intact. Head: ${hash}`);
      return DONE;
    }
    const { sequence, reason } = check;
    context.fail("verify.log", `The log was changed: entry ${sequence} ${reason}.`, {
      intact: false,
      sequence,
      reason,
    });
    return INVALID;
  },
});

export const noticeExportCommand: Command = defineCommand({
  name: "notice export",
  summary: "write the public log into a folder that can be published",
  positionals: { folder: { placeholder: "DIR", summary: "Made where it is missing", complete: "folder" } },
  options: dataOption,
  examples: [{ line: "upswarm notice export published", does: "index.html, log.json and head.json" }],
  json: ["folder, sequence, hash (of the head)"],
  async run({ positionals: { folder }, options }, context) {
    await using opened = await openDesk(options.data, context);
    const { sequence, hash } = await opened.desk.exportLog(folder);
    context.print({ folder, sequence, hash }, `${folder} holds ${sequence} entries. Head: ${hash}`);
  },
});

type Submission = Awaited<ReturnType<NoticeDesk["submit"]>>;

function printed(context: Context, desk: NoticeDesk, submission: Submission): ExitCode {
  if (submission.kind === "accepted") {
    context.print(desk.publicView(submission.one), caseText(desk, submission.one));
    return DONE;
  }
  // Letters have no limit, so what is not accepted has problems.
  const problems = submission.kind === "problems" ? submission.problems : [];
  const sentences = problems.map(({ field, message }) => `${field}: ${message}`);
  context.fail("notice.fields", `It cannot be taken as it is. ${sentences.join(" ")}`, { problems });
  return INVALID;
}

export function caseText(desk: NoticeDesk, one: Case): string {
  const window = desk.windowOf(one);
  const clock = window === null ? "" : `, restored from ${iso(window.opensAt)} to ${iso(window.closesAt)}`;
  const lacks = "missing" in one.state ? `, lacks ${one.state.missing.join(", ")}` : "";
  return `Case ${one.id}, ${one.ref.product} ${one.ref.version}: ${one.state.status}${lacks}${clock}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

async function readFields(path: string): Promise<Readonly<Record<string, unknown>>> {
  const value = await readJson(path);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UsageError("usage.value", `${path} does not hold one JSON object.`);
}

async function readHead(path: string): Promise<ChainHead> {
  const { sequence, hash } = await readFields(path);
  if (typeof sequence === "number" && typeof hash === "string") return { sequence, hash };
  throw new UsageError("usage.value", `${path} is no head of a log: {"sequence": …, "hash": …}.`);
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw fileError(error, path, "read");
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError("usage.value", `${path} is not JSON.`, { cause });
  }
}
