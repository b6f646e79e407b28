// The mails about a case, as plain text. Who gets which, and what it says; nothing here sends. A mail to the complainant
// holds the counter-notice whole, as 17 U.S.C. 512(g)(2)(B) asks ("a copy"); no other mail holds what the other side wrote.

import { refOf } from "../domain.ts";
import type { OriginConfig } from "../origin-parts.ts";
import type { Case, CaseRecords } from "./case-book.ts";
import type { CaseEvent, CaseState, PutBackWindow } from "./case-state.ts";
import { windowOf } from "./case-state.ts";
import { counterElements, noticeElements, statements } from "./elements.ts";
import type { CounterContent } from "./notice-fields.ts";

export interface Mail {
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
}

interface Letter {
  readonly one: Case;
  readonly config: OriginConfig;
}

export function confirmationMail(to: Letter, recipient: string, token: string): Mail {
  return mail(to, recipient, "please confirm your e-mail address", [
    `Somebody, most likely you, sent a notice about ${nameOf(to.one)} to ${to.config.title} and gave this e-mail address.`,
    `To confirm that it is yours, open this page and press the button:\n\n  ${to.config.publicUrl}/notices/confirm/${token}`,
    "If it was not you, do nothing.",
  ]);
}

/** To the designated agent. */
export function agentMail(to: Letter, what: "notice" | "counter-notice"): readonly Mail[] {
  const { agent, publicUrl } = to.config;
  if (agent === null) return [];
  const page = `${publicUrl}/admin/cases/${to.one.id}`;
  return [
    mail(to, agent.email, `a ${what} came`, [`A ${what} about ${nameOf(to.one)} came.`, `What it says:\n\n  ${page}`]),
  ];
}

/** What follows an event, for the two sides as far as they gave an e-mail address. `to.one` is the case after it. */
export function mailsAfter(to: Letter, event: CaseEvent, records: CaseRecords, zone: string): readonly Mail[] {
  const complainant = records.notices.at(-1)?.content?.email ?? "";
  const counterContent = records.counters.at(-1)?.content ?? null;
  const subscriber = counterContent?.email ?? "";
  const release = nameOf(to.one);
  const toOne = (recipient: string, subject: string, ...paragraphs: readonly string[]): Mail[] =>
    recipient === "" ? [] : [mail(to, recipient, subject, paragraphs)];
  const toBoth = (subject: string, sentence: string): Mail[] =>
    [...new Set([complainant, subscriber])].flatMap((recipient) => toOne(recipient, subject, sentence));
  switch (event.kind) {
    case "find-incomplete":
      return toOne(
        complainant,
        "your notice is incomplete",
        ...missingText(event.missing.map((name) => noticeElements[name])),
      );
    case "find-counter-incomplete":
      return toOne(
        subscriber,
        "your counter-notice is incomplete",
        ...missingText(event.missing.map((name) => counterElements[name])),
      );
    case "comply":
      return toOne(
        complainant,
        "your notice was complied with",
        `${release} was withdrawn: its page, downloads, torrents and tracker no longer offer it.`,
      );
    case "forward":
      return toOne(
        complainant,
        "a counter-notice was received",
        ...forwardText(to.one.state, counterContent, release, zone),
      );
    case "restore":
      return toBoth("the release is back", `${release} was restored after a counter-notice.`);
    case "report-action":
      return toBoth("the withdrawal stands", `Court action was reported, so ${release} stays withdrawn.`);
    case "close":
      return toBoth("the case is closed", `${release} stays withdrawn. No counter-notice stands against it.`);
    case "retract":
      return toBoth(
        "the notice was retracted",
        `The notice about ${release} was retracted by its sender; what was withdrawn because of it is restored.`,
      );
    default:
      // supply, counter: the sender knows, the agent has a mail of its own.
      return [];
  }
}

function missingText(missing: readonly string[]): readonly string[] {
  return [
    `It lacks:\n\n${missing.map((what) => `  - ${what}`).join("\n")}`,
    "Please answer this mail with what is missing.",
  ];
}

function forwardText(
  state: CaseState,
  content: CounterContent | null,
  release: string,
  zone: string,
): readonly string[] {
  const window = windowOf(state, zone);
  return [
    `A counter-notice about ${release} was received. This is its copy:`,
    content === null ? "(It was erased.)" : counterText(content),
    ...(window === null ? [] : [windowText(window, zone)]),
  ];
}

function counterText(content: CounterContent): string {
  const { name, address, phone, email, material, mistake, consent, signature } = content;
  const rows = [
    ["Removed material", material],
    ["Name", name],
    ["Address", address.replaceAll("\n", ", ")],
    ["Phone", phone],
    ["E-mail", email],
    ["Statement", mistake ? statements.mistake : ""],
    ["Consent", consent ? statements.consent : ""],
    ["Signature", signature],
  ];
  return rows.map(([label, value]) => `  ${label}: ${value === "" ? "(none)" : value}`).join("\n");
}

function windowText({ opensAt, closesAt }: PutBackWindow, zone: string): string {
  const show = (at: number): string =>
    new Date(at).toLocaleString("en-US", { timeZone: zone, dateStyle: "long", timeStyle: "short" });
  return (
    `It will be restored between ${show(opensAt)} and ${show(closesAt)} (${zone}), 10 to 14 business days after the ` +
    "counter-notice, unless you first tell our designated agent that you have filed an action seeking a court order to " +
    "restrain the infringing activity (17 U.S.C. 512(g)(2)(C))."
  );
}

function mail({ one, config }: Letter, recipient: string, subject: string, paragraphs: readonly string[]): Mail {
  const page = `The case: ${config.publicUrl}/notices/cases/${one.id}`;
  return {
    recipient,
    subject: `${config.title}, case ${one.id}: ${subject}`,
    body: `${[...paragraphs, page].join("\n\n")}\n`,
  };
}

function nameOf(one: Case): string {
  return refOf(one.ref);
}
