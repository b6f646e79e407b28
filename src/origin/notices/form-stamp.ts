// A stamp in each form: when it was made, and a key that is used once. A program that posts at once, or posts without having
// asked for the form, is shown the form again; a person who waited too long too, with what was typed. Signed with a key of
// this process: after a restart an open form is shown once more.

import { createHmac, timingSafeEqual } from "node:crypto";
import { NOTICES_FORM_MS_MAX, NOTICES_FORM_MS_MIN, type Clock, type Random } from "../../core/index.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 16;

export type StampCheck =
  | { readonly isGood: true; readonly key: string }
  | { readonly isGood: false; readonly message: string };

export class FormStamps {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #secret: Buffer;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#secret = random.bytes(KEY_BYTES);
  }

  create(): string {
    const stamp = `${this.#clock.wallMs()}.${this.#random.bytes(NONCE_BYTES).toString("base64url")}`;
    return `${stamp}.${this.#sign(stamp).toString("base64url")}`;
  }

  check(given: unknown): StampCheck {
    const [at = "", nonce = "", signature = ""] = typeof given === "string" ? given.split(".") : [];
    const expected = this.#sign(`${at}.${nonce}`);
    const actual = Buffer.from(signature, "base64url");
    const ageMs = this.#clock.wallMs() - Number(at);
    if (actual.length !== expected.length || !timingSafeEqual(actual, expected) || ageMs > NOTICES_FORM_MS_MAX) {
      return {
        isGood: false,
        message: "This form was open for too long. Please check what you wrote and send it again.",
      };
    }
    if (ageMs < NOTICES_FORM_MS_MIN) {
      return {
        isGood: false,
        message: "This was sent faster than a person writes. Please check it and send it again.",
      };
    }
    return { isGood: true, key: nonce };
  }

  #sign(text: string): Buffer {
    return createHmac("sha256", this.#secret).update(text).digest();
  }
}
