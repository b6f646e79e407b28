// What can go wrong with a torrent beyond its storage and its network, which have errors of their own.

import { CodedError } from "../core/index.ts";

export type EngineErrorCode =
  | "engine.duplicate"
  | "engine.stopped"
  /** The two halves of a hybrid torrent describe different bytes. */
  | "engine.inconsistent-torrent"
  /** The files to seed do not match the torrent. */
  | "engine.incomplete-seed";

export class EngineError extends CodedError<EngineErrorCode> {}
