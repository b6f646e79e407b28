// Inputs that once broke an invariant, by target, in hex. Each is checked in every run of the tests.

export interface Regression {
  readonly target: string;
  /** What it did. */
  readonly what: string;
  readonly hex: string;
}

export const regressions: readonly Regression[] = [];
