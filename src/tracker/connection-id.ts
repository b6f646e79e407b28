// The connection ids of the UDP tracker (BEP 15): who returns one has received a datagram at its source address.
//
// Why: the source address of a datagram is whatever its sender writes. Without proof
//   - an announce of 98 bytes would be answered with up to 1,220 at a victim's address (amplification), and
//   - anybody could list a victim's address as a peer of a popular swarm and have thousands connect to it.
// So nothing but a connect reply, as long as its request, goes to an address that has not returned an id.
//
// Stateless: an attacker who asks for ids with forged addresses makes us remember nothing.
//
//   63        56 55                                                    0
//   | second 8 | SipHash-2-4(secret, second 32 ‖ address 32 or 128) 56  |
//
// `second` is when the id was given, in seconds of a monotonic clock; its low byte stands in the id and all of it in the
// hash, so an id is valid for exactly the 120 s that BEP 15 names and does not become valid again when the byte comes
// round. The length of the hashed message keeps IPv4 and IPv6 apart.
//
// The attacks that remain:
//   - guessing: 2^56 values for each address and second; 100,000 guesses a second find one in 10,000 years;
//   - replay from the same address within two minutes: BEP 15 wants that to work. The port is not in the hash: what is
//     proven is that the sender hears what is sent to its address, and some NATs change ports between two datagrams;
//   - an observer on the path: sees the id and may use it; UDP trackers have no answer to that;
//   - the secret: 128 bits, made at the start, never leaves the process, replaced every hour;
//   - timing: the comparison takes the same time whatever differs.

import { ANNOUNCE_CONNECTION_ID_SERVER_MS, TRACKER_SECRET_LIFETIME_SECONDS } from "../core/index.ts";
import type { Random } from "../core/index.ts";
import { SipHash } from "./sip-hash.ts";
import type { SourceAddress } from "./source-address.ts";

const lifetimeSeconds = ANNOUNCE_CONNECTION_ID_SERVER_MS / 1000;

export class ConnectionIds {
  /** The halves of the id that `issue` made last. */
  high = 0;
  low = 0;
  readonly #random: Random;
  readonly #message = new Int32Array(5);
  #secret: SipHash;
  #previous: SipHash;
  /** The second from which on `#secret` makes ids. */
  #since: number;

  constructor(random: Random, nowSeconds: number) {
    this.#random = random;
    this.#secret = new SipHash(random.bytes(16));
    this.#previous = this.#secret;
    this.#since = nowSeconds;
  }

  /** Makes an id for the address, into `high` and `low`. */
  issue(address: SourceAddress, nowSeconds: number): void {
    if (nowSeconds - this.#since >= TRACKER_SECRET_LIFETIME_SECONDS) {
      this.#previous = this.#secret;
      this.#secret = new SipHash(this.#random.bytes(16));
      this.#since = nowSeconds;
    }
    const mac = this.#mac(address, nowSeconds);
    this.high = (((nowSeconds & 0xff) << 24) | (mac.high & 0xff_ffff)) >>> 0;
    this.low = mac.low;
  }

  /** Whether this id was given to this address within the last two minutes. */
  isValid(address: SourceAddress, high: number, low: number, nowSeconds: number): boolean {
    const age = (nowSeconds - (high >>> 24)) & 0xff;
    if (age > lifetimeSeconds) return false;
    const mac = this.#mac(address, nowSeconds - age);
    return (((mac.high ^ high) & 0xff_ffff) | (mac.low ^ low)) === 0;
  }

  #mac(address: SourceAddress, second: number): SipHash {
    const message = this.#message;
    message[0] = second;
    const words = address.family === 4 ? 1 : 4;
    for (let word = 0; word < words; word++) message[word + 1] = address.words[word] as number;
    const secret = second >= this.#since ? this.#secret : this.#previous;
    secret.update(message, words + 1);
    return secret;
  }
}
