// The steps of a case by the operator: one command each, all the same but for what happens.

import { userInfo } from "node:os";
import type { CaseEvent } from "../../origin/index.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { dataOption } from "../origin-options.ts";
import { CASE_JSON, casePositional, caseText, openDesk } from "./notice.ts";

interface Step {
  readonly word: string;
  readonly summary: string;
  readonly does: string;
  readonly event: CaseEvent;
}

const steps: readonly Step[] = [
  {
    word: "comply",
    summary: "withdraw the release that a complete notice is about",
    does: "downloads answer 451, the page says on whose demand",
    event: { kind: "comply" },
  },
  {
    word: "supply",
    summary: "what an incomplete notice lacked came by other means",
    does: "it is complete now",
    event: { kind: "supply" },
  },
  {
    word: "forward",
    summary: "send the counter-notice to whoever sent the notice",
    does: "by mail where a mail server is configured; else send it yourself first",
    event: { kind: "forward" },
  },
  {
    word: "restore",
    summary: "bring the release back, 10 to 14 business days after the counter-notice",
    does: "refused (exit code 4) before that",
    event: { kind: "restore" },
  },
  {
    word: "retract",
    summary: "the sender of the notice takes it back: the release comes back",
    does: "at any time before the case ends",
    event: { kind: "retract" },
  },
];

export const noticeStepCommands: readonly Command[] = steps.map(({ word, summary, does, event }) =>
  defineCommand({
    name: `notice ${word}`,
    summary,
    positionals: casePositional,
    options: dataOption,
    examples: [{ line: `upswarm notice ${word} 2026-0001`, does }],
    json: [CASE_JSON],
    run: ({ positionals, options }, context) => take(positionals.case, event, options.data, context),
  }),
);

export const noticeUpholdCommand: Command = defineCommand({
  name: "notice uphold",
  summary: "end a case with the release withdrawn",
  positionals: casePositional,
  options: {
    ...dataOption,
    because: {
      kind: "choice",
      choices: ["court-action", "unanswered"],
      required: true,
      summary: "court-action: the sender of the notice went to court; unanswered: no complete counter-notice came",
    },
  },
  examples: [{ line: "upswarm notice uphold 2026-0001 --because court-action", does: "nothing is restored" }],
  json: [CASE_JSON],
  run: ({ positionals, options }, context) =>
    take(
      positionals.case,
      { kind: options.because === "unanswered" ? "close" : "report-action" },
      options.data,
      context,
    ),
});

export const noticeIncompleteCommand: Command = defineCommand({
  name: "notice incomplete",
  summary: "say what a notice, or a counter-notice, lacks",
  positionals: casePositional,
  options: {
    ...dataOption,
    missing: {
      kind: "list",
      of: "string",
      placeholder: "ELEMENT",
      summary:
        "signature, work, material, contact, good-faith, accuracy; of a counter-notice signature, material, mistake, contact",
    },
  },
  examples: [{ line: "upswarm notice incomplete 2026-0001 --missing signature", does: "its sender is told by mail" }],
  json: [CASE_JSON],
  async run({ positionals, options }, context) {
    const { isCounterElement, isNoticeElement, possibleEvents } = await import("../../origin/index.ts");
    await using opened = await openDesk(options.data, context);
    const one = await opened.desk.find(positionals.case);
    const isNotice = possibleEvents(one.state.status).includes("find-incomplete");
    const wrong = options.missing.find((word) => !(isNotice ? isNoticeElement(word) : isCounterElement(word)));
    if (wrong !== undefined || options.missing.length === 0) {
      throw new UsageError(
        "usage.value",
        `--missing: ${wrong === undefined ? "none is" : `"${wrong}" is not`} an element.`,
      );
    }
    const event: CaseEvent = isNotice
      ? { kind: "find-incomplete", missing: options.missing.filter(isNoticeElement) }
      : { kind: "find-counter-incomplete", missing: options.missing.filter(isCounterElement) };
    const after = await opened.desk.move(one.id, event, { kind: "operator", name: userInfo().username }, one.revision);
    context.print(opened.desk.publicView(after), caseText(opened.desk, after));
  },
});

async function take(id: string, event: CaseEvent, data: string, context: Parameters<Command["run"]>[1]): Promise<void> {
  await using opened = await openDesk(data, context);
  const after = await opened.desk.move(id, event, { kind: "operator", name: userInfo().username });
  context.print(opened.desk.publicView(after), caseText(opened.desk, after));
}
