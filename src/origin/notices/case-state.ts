// A case from notice to end as a state machine without I/O: a state, an event and a time give the next state. `Moves` lists
// every move there is, so a move that the law does not know does not type-check; what comes from outside goes through
// applyEvent(), which refuses it in words that say what is possible now.
// Invariant: a case is never `restored` before the tenth business day after the receipt of the counter-notice has passed
// (17 U.S.C. 512(g)(2)(C)). States hold no personal data: they stand in the public log.

import assert from "node:assert/strict";
import {
  CodedError,
  NOTICES_PUT_BACK_BUSINESS_DAYS_MAX,
  NOTICES_PUT_BACK_BUSINESS_DAYS_MIN,
} from "../../core/index.ts";
import { businessDayAfter, dateAt, startOf } from "./business-days.ts";
import type { CounterElement, NoticeElement } from "./elements.ts";

export type CaseErrorCode =
  /** The case has no such move from where it stands. */
  | "case.not-possible"
  /** The put-back window has not opened. */
  | "case.too-early"
  /** Somebody else moved it meanwhile. */
  | "case.changed"
  /** There is no such case. */
  | "case.unknown";

export class CaseError extends CodedError<CaseErrorCode> {}

interface StateFields {
  received: object;
  incomplete: { readonly missing: readonly NoticeElement[] };
  complied: object;
  /** Complete; the clock of the put-back runs from `counterReceivedAt`. */
  "counter-received": { readonly counterReceivedAt: number };
  "counter-incomplete": { readonly missing: readonly CounterElement[] };
  forwarded: { readonly counterReceivedAt: number };
  restored: object;
  upheld: { readonly because: "court-action" | "unanswered" };
  retracted: object;
}

export type CaseStatus = keyof StateFields;
export type CaseState<S extends CaseStatus = CaseStatus> = {
  readonly [K in S]: { readonly status: K; readonly since: number } & StateFields[K];
}[S];

interface EventFields {
  /** The release is withdrawn. */
  comply: object;
  "find-incomplete": { readonly missing: readonly NoticeElement[] };
  /** What was missing came, by whatever way. */
  supply: object;
  /** A counter-notice that has all four elements came. */
  counter: object;
  "find-counter-incomplete": { readonly missing: readonly CounterElement[] };
  /** The complainant has the copy of the counter-notice. */
  forward: object;
  restore: object;
  /** The complainant went to court. */
  "report-action": object;
  /** Nobody objected, the case ends and the withdrawal stands. */
  close: object;
  /** By the complainant. */
  retract: object;
}

export type CaseEventKind = keyof EventFields;
export type CaseEvent<K extends CaseEventKind = CaseEventKind> = {
  readonly [E in K]: { readonly kind: E } & EventFields[E];
}[K];

/** From where, by what, to where. */
export interface Moves {
  received: { comply: "complied"; "find-incomplete": "incomplete"; retract: "retracted" };
  incomplete: { supply: "received"; retract: "retracted" };
  complied: {
    counter: "counter-received";
    "find-counter-incomplete": "counter-incomplete";
    "report-action": "upheld";
    close: "upheld";
    retract: "retracted";
  };
  "counter-incomplete": {
    counter: "counter-received";
    "find-counter-incomplete": "counter-incomplete";
    "report-action": "upheld";
    close: "upheld";
    retract: "retracted";
  };
  "counter-received": {
    forward: "forwarded";
    "find-counter-incomplete": "counter-incomplete";
    "report-action": "upheld";
    retract: "retracted";
  };
  forwarded: { restore: "restored"; "report-action": "upheld"; retract: "retracted" };
  restored: object;
  upheld: object;
  retracted: object;
}

type MoveFrom<S extends CaseStatus> = keyof Moves[S] & CaseEventKind;
type Target<S extends CaseStatus, K extends MoveFrom<S>> = Moves[S][K] & CaseStatus;
type Transitions = {
  readonly [S in CaseStatus]: {
    readonly [K in MoveFrom<S>]: (
      state: CaseState<S>,
      event: CaseEvent<K>,
      at: number,
      zone: string,
    ) => CaseState<Target<S, K>>;
  };
};

type Missing<E> = { readonly missing: readonly E[] };
const retract = (_state: CaseState, _event: CaseEvent, at: number): CaseState<"retracted"> => ({
  status: "retracted",
  since: at,
});
const close = (_state: CaseState, event: CaseEvent, at: number): CaseState<"upheld"> => ({
  status: "upheld",
  since: at,
  because: event.kind === "close" ? "unanswered" : "court-action",
});
const counter = (_state: CaseState, _event: CaseEvent, at: number): CaseState<"counter-received"> => ({
  status: "counter-received",
  since: at,
  counterReceivedAt: at,
});
const findCounterIncomplete = (
  _state: CaseState,
  { missing }: Missing<CounterElement>,
  at: number,
): CaseState<"counter-incomplete"> => ({ status: "counter-incomplete", since: at, missing });

const transitions: Transitions = {
  received: {
    comply: (_state, _event, at) => ({ status: "complied", since: at }),
    "find-incomplete": (_state, { missing }, at) => ({ status: "incomplete", since: at, missing }),
    retract,
  },
  incomplete: { supply: (_state, _event, at) => ({ status: "received", since: at }), retract },
  complied: { counter, "find-counter-incomplete": findCounterIncomplete, "report-action": close, close, retract },
  "counter-incomplete": {
    counter,
    "find-counter-incomplete": findCounterIncomplete,
    "report-action": close,
    close,
    retract,
  },
  "counter-received": {
    forward: ({ counterReceivedAt }, _event, at) => ({ status: "forwarded", since: at, counterReceivedAt }),
    "find-counter-incomplete": findCounterIncomplete,
    "report-action": close,
    retract,
  },
  forwarded: {
    restore: ({ counterReceivedAt }, _event, at, zone) => {
      const { opensAt } = putBackWindow(counterReceivedAt, zone);
      if (at >= opensAt) return { status: "restored", since: at };
      const opens = new Date(opensAt).toISOString();
      throw new CaseError(
        "case.too-early",
        `It can be restored from ${opens}: ten business days after the counter-notice.`,
      );
    },
    "report-action": close,
    retract,
  },
  restored: {},
  upheld: {},
  retracted: {},
};

/** `zone`: in whose days business days are counted. @throws CaseError case.too-early */
export function step<S extends CaseStatus, K extends MoveFrom<S>>(
  state: CaseState<S>,
  event: CaseEvent<K>,
  at: number,
  zone: string,
): CaseState<Target<S, K>> {
  // The table's own type holds that the keys fit; here they are known only as type parameters.
  const moves = transitions[state.status] as Readonly<Record<string, Move>>;
  const move = moves[event.kind];
  assert(move !== undefined);
  return move(state as CaseState, event as CaseEvent, at, zone) as CaseState<Target<S, K>>;
}

type Move = (state: CaseState, event: CaseEvent, at: number, zone: string) => CaseState;

/** For events from outside. @throws CaseError case.not-possible, case.too-early */
export function applyEvent(state: CaseState, event: CaseEvent, at: number, zone: string): CaseState {
  const possible = possibleEvents(state.status);
  if (!possible.includes(event.kind)) {
    const now = possible.length === 0 ? "it has ended" : `possible now: ${possible.join(", ")}`;
    throw new CaseError("case.not-possible", `A case that is ${state.status} has no "${event.kind}": ${now}.`);
  }
  return step<CaseStatus, never>(state, event as never, at, zone);
}

export function possibleEvents(status: CaseStatus): readonly CaseEventKind[] {
  return Object.keys(transitions[status]) as CaseEventKind[];
}

/** Whether the release is withdrawn on behalf of a case that stands there. */
export function withholds(status: CaseStatus): boolean {
  return ["complied", "counter-received", "counter-incomplete", "forwarded", "upheld"].includes(status);
}

export function hasEnded(status: CaseStatus): boolean {
  return possibleEvents(status).length === 0;
}

/** Those of cases that go on. */
export const openStatuses: readonly CaseStatus[] = (Object.keys(transitions) as CaseStatus[]).filter(
  (status) => !hasEnded(status),
);

export interface PutBackWindow {
  /** When the tenth business day after the receipt has passed: "not less than 10" however one counts. */
  readonly opensAt: number;
  /** When the fourteenth begins: the last day on which it is in time. */
  readonly lastDayAt: number;
  /** When the fourteenth has passed. */
  readonly closesAt: number;
}

/** Days are counted from the day after the receipt of the complete counter-notice (17 U.S.C. 512(g)(2)(C)). */
export function putBackWindow(counterReceivedAt: number, zone: string): PutBackWindow {
  const received = dateAt(counterReceivedAt, zone);
  const last = businessDayAfter(received, NOTICES_PUT_BACK_BUSINESS_DAYS_MAX);
  return {
    opensAt: startOf(businessDayAfter(received, NOTICES_PUT_BACK_BUSINESS_DAYS_MIN) + 1, zone),
    lastDayAt: startOf(last, zone),
    closesAt: startOf(last + 1, zone),
  };
}

/** The clock of a case, where it has one that runs. */
export function windowOf(state: CaseState, zone: string): PutBackWindow | null {
  return "counterReceivedAt" in state ? putBackWindow(state.counterReceivedAt, zone) : null;
}
