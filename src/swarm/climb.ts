// How much may be under way on a path whose length and rate nobody knows: requests outstanding, offers made. A rate that is
// averaged lags, and what follows it takes three delays to double. So a climb goes ahead of it: by one with each that came
// promptly (which doubles it with each delay), back by one with each that stood in a queue; and it counts only while prompt
// ones come. What was not all under way says nothing about more, and does not climb.

/** Without a prompt one for so long and two delays a climb is forgotten: the rate has caught up by then. */
const HOLDS_MS = 300;

export class Climb {
  #count = 0;
  #until = -Infinity;
  #step = 1;

  /** From here on an eighth more with each delay instead of twice as much: the shortest may have a queue of our own in it. */
  goSlowly(): void {
    this.#step = 0.125;
  }

  /** One came after `delayMs`. `isPrompt`: no queue stood before it; `underWay`: how many there may be, where all of them were. */
  came(isPrompt: boolean, delayMs: number, underWay: number, now: number): void {
    if (!isPrompt) {
      this.#count = Math.max(0, this.#count - 1);
      return;
    }
    if (now >= this.#until) this.#count = 0;
    if (underWay > 0) this.#count = Math.min((this.#count === 0 ? underWay : this.#count) + this.#step, 2 * underWay);
    this.#until = now + HOLDS_MS + 2 * delayMs;
  }

  /** How much may be under way by it. */
  reach(now: number): number {
    return now < this.#until ? Math.floor(this.#count) : 0;
  }
}
