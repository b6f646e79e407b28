// What every kind of schedule has in common: a seed decides all of it, and the same seed does the same again.

/** Is told what happens, step by step; null where nobody listens. */
export type Trace = ((line: string) => void) | null;

export interface ScheduleResult {
  /** Times that every invariant was checked. */
  readonly steps: number;
  /** Liars that were thrown out. */
  readonly banned: number;
}
