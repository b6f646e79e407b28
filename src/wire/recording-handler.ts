// A WireHandler that writes down what it is told, one line a call, for the tests and fuzz targets of this folder. The
// engine does not use it.

import type { HashRequest } from "./hash-messages.ts";
import type { WireHandler } from "./wire-handler.ts";

export class RecordingHandler implements WireHandler {
  readonly calls: string[] = [];
  pieceTarget: Buffer = Buffer.alloc(0);
  pieceTargetOffset = 0;
  /** Whether the next block is wanted. */
  wantsBlock: (index: number, begin: number, length: number) => boolean = () => true;
  /** Called after each line. */
  onCall: (call: string) => void = () => {};

  #record(call: string): void {
    this.calls.push(call);
    this.onCall(call);
  }

  pieceStart(index: number, begin: number, length: number): boolean {
    const wanted = this.wantsBlock(index, begin, length);
    if (wanted) {
      this.pieceTarget = Buffer.alloc(length + 2);
      this.pieceTargetOffset = 1;
    }
    this.#record(`pieceStart ${index} ${begin} ${length}`);
    return wanted;
  }

  pieceEnd(index: number, begin: number, length: number): void {
    this.#record(`pieceEnd ${index} ${begin} ${length} ${this.pieceTarget.toString("hex")}`);
  }

  readonly keepAlive = (): void => this.#record("keepAlive");
  readonly choke = (): void => this.#record("choke");
  readonly unchoke = (): void => this.#record("unchoke");
  readonly interested = (): void => this.#record("interested");
  readonly notInterested = (): void => this.#record("notInterested");
  readonly have = (index: number): void => this.#record(`have ${index}`);
  readonly bitfield = (bytes: Buffer): void => this.#record(`bitfield ${bytes.toString("hex")}`);
  readonly request = (...block: number[]): void => this.#record(`request ${block.join(" ")}`);
  readonly cancel = (...block: number[]): void => this.#record(`cancel ${block.join(" ")}`);
  readonly reject = (...block: number[]): void => this.#record(`reject ${block.join(" ")}`);
  readonly suggest = (index: number): void => this.#record(`suggest ${index}`);
  readonly haveAll = (): void => this.#record("haveAll");
  readonly haveNone = (): void => this.#record("haveNone");
  readonly allowedFast = (index: number): void => this.#record(`allowedFast ${index}`);
  readonly dhtPort = (port: number): void => this.#record(`dhtPort ${port}`);
  readonly hashRequest = (request: HashRequest): void => this.#record(`hashRequest ${show(request)}`);
  readonly hashReject = (request: HashRequest): void => this.#record(`hashReject ${show(request)}`);
  readonly hashes = (request: HashRequest, hashes: Buffer): void =>
    this.#record(`hashes ${show(request)} ${hashes.toString("hex")}`);
  readonly extended = (id: number, payload: Buffer): void => this.#record(`extended ${id} ${payload.toString("hex")}`);
}

function show({ piecesRoot, baseLayer, index, length, proofLayers }: HashRequest): string {
  return `${piecesRoot.toString("hex")} ${baseLayer} ${index} ${length} ${proofLayers}`;
}
