// Notices and counter-notices as they come in (form, API, command line) and what they lack. Untrusted fields in, trimmed
// texts and problems out; a problem stands at a field, and where it means that an element of 17 U.S.C. 512 is missing, names
// that. What does not belong to any element (a text that is too long) is refused on every way in.

import { NOTICES_LINE_LENGTH_MAX, NOTICES_TEXT_LENGTH_MAX } from "../../core/index.ts";
import { allCounterElements, allNoticeElements, type CounterElement, type NoticeElement } from "./elements.ts";
import type { PersonalData } from "./redaction.ts";

export interface NoticeContent extends PersonalData {
  /** For whom, where not for oneself; published. */
  readonly organization: string;
  /** What is infringed. */
  readonly work: string;
  /** The URL of a release here, or its magnet link. */
  readonly material: string;
  readonly goodFaith: boolean;
  readonly accuracy: boolean;
}

export interface CounterContent extends PersonalData {
  /** What was removed, and where it was. */
  readonly material: string;
  readonly mistake: boolean;
  readonly consent: boolean;
}

export interface Problem<Field extends string = string, Element extends string = string> {
  readonly field: Field;
  readonly element: Element | null;
  /** A sentence that says what to do. */
  readonly message: string;
}

export interface Parsed<Content, Element extends string> {
  readonly content: Content;
  readonly problems: readonly Problem<keyof Content & string, Element>[];
  /** In the order of the law. */
  readonly missing: readonly Element[];
}

type Raw = Readonly<Record<string, unknown>>;

export function parseNotice(raw: Raw): Parsed<NoticeContent, NoticeElement> {
  const content: NoticeContent = {
    ...personalOf(raw),
    organization: line(raw["organization"]),
    work: text(raw["work"]),
    material: line(raw["material"]),
    goodFaith: isAgreed(raw["goodFaith"]),
    accuracy: isAgreed(raw["accuracy"]),
  };
  const hasContact = content.email !== "" || content.phone !== "" || content.address !== "";
  const problems: Problem<keyof NoticeContent, NoticeElement>[] = [
    ...when(content.work === "", "work", "work", "Say which work is infringed."),
    ...when(content.material === "", "material", "material", "Give the address of the release's page on this site."),
    ...when(content.name === "", "name", "contact", "Give your name."),
    ...when(!hasContact, "email", "contact", "Give an e-mail address, a phone number or a postal address."),
    ...when(!content.goodFaith, "goodFaith", "good-faith", "The notice needs this statement."),
    ...when(!content.accuracy, "accuracy", "accuracy", "The notice needs this statement."),
    ...when(content.signature === "", "signature", "signature", "Sign by typing your full name."),
    ...formProblems(content),
  ];
  return { content, problems, missing: allNoticeElements.filter((element) => isAmong(problems, element)) };
}

export function parseCounter(raw: Raw): Parsed<CounterContent, CounterElement> {
  const content: CounterContent = {
    ...personalOf(raw),
    material: text(raw["material"]),
    mistake: isAgreed(raw["mistake"]),
    consent: isAgreed(raw["consent"]),
  };
  const problems: Problem<keyof CounterContent, CounterElement>[] = [
    ...when(content.material === "", "material", "material", "Say what was removed and where it was."),
    ...when(!content.mistake, "mistake", "mistake", "The counter-notice needs this statement."),
    ...when(content.name === "", "name", "contact", "Give your name."),
    ...when(content.address === "", "address", "contact", "Give your postal address."),
    ...when(content.phone === "", "phone", "contact", "Give your phone number."),
    ...when(!content.consent, "consent", "contact", "The counter-notice needs this consent."),
    ...when(content.signature === "", "signature", "signature", "Sign by typing your full name."),
    ...formProblems(content),
  ];
  return { content, problems, missing: allCounterElements.filter((element) => isAmong(problems, element)) };
}

/** Long texts and what is no e-mail address: wrong whatever the law says. */
function formProblems<C extends PersonalData>(content: C): Problem<keyof C & string, never>[] {
  const problems: Problem<keyof C & string, never>[] = [];
  for (const [field, value] of Object.entries(content) as [keyof C & string, unknown][]) {
    const lengthMax = field === "work" || field === "address" ? NOTICES_TEXT_LENGTH_MAX : NOTICES_LINE_LENGTH_MAX;
    if (typeof value !== "string" || value.length <= lengthMax) continue;
    problems.push({
      field,
      element: null,
      message: `Write at most ${lengthMax} characters; these are ${value.length}.`,
    });
  }
  if (content.email !== "" && !isEmail(content.email)) {
    problems.push({ field: "email", element: null, message: "Write an e-mail address like name@example.org." });
  }
  return problems;
}

function when<F extends string, E extends string>(
  isMissing: boolean,
  field: F,
  element: E,
  message: string,
): Problem<F, E>[] {
  return isMissing ? [{ field, element, message }] : [];
}

function isAmong(problems: readonly Problem[], element: string): boolean {
  return problems.some((problem) => problem.element === element);
}

/** What one mail can be sent to and no header can be smuggled into. Whether it exists only a mail tells. */
function isEmail(value: string): boolean {
  return /^[^\s@<>(),;:"\\[\]\p{Cc}]{1,64}@[\p{L}\p{N}.-]{1,253}$/u.test(value);
}

function personalOf(raw: Raw): PersonalData {
  return {
    name: line(raw["name"]),
    signature: line(raw["signature"]),
    email: line(raw["email"]),
    phone: line(raw["phone"]),
    address: text(raw["address"]),
  };
}

/** Control characters would move a terminal's cursor or end a mail's header. */
function line(value: unknown): string {
  return typeof value === "string"
    ? value
        .normalize("NFC")
        .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
        .trim()
    : "";
}

function text(value: unknown): string {
  if (typeof value !== "string") return "";
  const lines = value.normalize("NFC").split(/\r\n|\r|\n/);
  return lines.map(line).join("\n").trim();
}

/** A ticked box of a form, or true in JSON. */
function isAgreed(value: unknown): boolean {
  return value === true || value === "yes";
}
