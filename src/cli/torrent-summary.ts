// A torrent in the contract's fields, and as text. Pads are nobody's files: they are neither listed nor counted.

import { magnetOf, type Info, type Metainfo, type TorrentFile } from "../metainfo/index.ts";
import { formatSize } from "./framework/units.ts";

export interface TorrentSummary {
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly magnet: string;
  readonly name: string;
  readonly lengthBytes: number;
  readonly fileCount: number;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  readonly seconds: number;
}

export function summaryOf(torrent: Metainfo, seconds: number): TorrentSummary {
  const { infoHashV1, infoHashV2, name, layout } = torrent;
  const { lengthBytes, pieceLengthBytes, pieceCount } = layout;
  const fileCount = filesOf(torrent).length;
  const magnet = magnetOf(torrent);
  return { infoHashV1, infoHashV2, magnet, name, lengthBytes, fileCount, pieceLengthBytes, pieceCount, seconds };
}

/** Regular files and symlinks. */
export function filesOf(info: Info): readonly TorrentFile[] {
  return info.layout.files.filter((file) => file.kind !== "pad");
}

export function summaryText(summary: TorrentSummary): string {
  const files = summary.fileCount === 1 ? "1 file" : `${summary.fileCount} files`;
  const pieces = `${summary.pieceCount} pieces of ${formatSize(summary.pieceLengthBytes)}`;
  return rows([
    ["name", summary.name],
    ["size", `${formatSize(summary.lengthBytes)} (${summary.lengthBytes} bytes) in ${files}, ${pieces}`],
    ...(summary.infoHashV1 === null ? [] : [["info-hash v1", summary.infoHashV1] as const]),
    ...(summary.infoHashV2 === null ? [] : [["info-hash v2", summary.infoHashV2] as const]),
    ["magnet", summary.magnet],
  ]);
}

/** `name  value` lines in two columns. */
export function rows(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length)) + 2;
  return pairs.map(([name, value]) => `${name.padEnd(width)}${value}`).join("\n");
}

/** Seconds since `startMs` of a monotonic clock, to the millisecond. */
export function secondsSince(startMs: number, nowMs: number): number {
  return Math.round(nowMs - startMs) / 1000;
}
