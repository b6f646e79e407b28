// stderr as whole lines, with at most one line at the bottom that is redrawn in place (the progress bar).
// Invariant: text from outside reaches a terminal without control characters, so that a file name or a tracker's
// message cannot move the cursor or set the window's title.

const CLEAR = "\r\u001B[K";

export class StatusLine {
  readonly #write: (text: string) => void;
  #shown = "";

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** A line above the bar. */
  line(text: string): void {
    const bar = this.#shown;
    this.#write(`${bar === "" ? "" : CLEAR}${text}\n${bar}`);
  }

  /** Draws the bar anew; must be one line that fits. */
  show(text: string): void {
    if (text === this.#shown) return;
    this.#write(`${this.#shown === "" ? "" : CLEAR}${text}`);
    this.#shown = text;
  }

  /** Leaves the bar as it stands and goes on below it. */
  settle(): void {
    if (this.#shown !== "") this.#write("\n");
    this.#shown = "";
  }
}

/** The text with control and format characters made visible; line breaks stay. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n" || character === "\t" ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
