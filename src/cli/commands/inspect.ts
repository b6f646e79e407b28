// `upswarm inspect FILE|MAGNET`: validates and shows. What passes here would be accepted by get and seed.

import type { Magnet, Metainfo, TorrentFile } from "../../metainfo/index.ts";
import { formatMagnet } from "../../metainfo/index.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { formatSize } from "../framework/units.ts";
import { readSource } from "../torrent-source.ts";
import { filesOf, rows, secondsSince, summaryOf, summaryText } from "../torrent-summary.ts";

export const inspectCommand: Command = defineCommand({
  name: "inspect",
  summary: "validate a .torrent or a magnet link and show what it holds",
  positionals: {
    source: { placeholder: "FILE|MAGNET", summary: "A .torrent file or a magnet link", complete: "file" },
  },
  options: {},
  examples: [
    { line: "upswarm inspect update.torrent", does: "hashes, files, trackers" },
    { line: "upswarm inspect --json update.torrent | jq -r .magnet", does: "its magnet link" },
  ],
  json: [
    "infoHashV1, infoHashV2 (null where the torrent has none), magnet, name, lengthBytes, fileCount, pieceLengthBytes, pieceCount, seconds",
    'version ("1", "2" or "hybrid"), files [{path, lengthBytes, kind, executable, symlinkTarget, piecesRoot}], trackers, trackerTiers, webSeeds, private, comment, createdBy, creationDate',
    "of a magnet link: what it does not say is null. Invalid: {error: {code, message}} and exit code 3",
  ],
  async run({ positionals }, context) {
    const startMs = context.clock.now();
    const source = await readSource(positionals.source);
    const seconds = secondsSince(startMs, context.clock.now());
    if (source.kind === "magnet") context.print(...describeMagnet(source.magnet, seconds));
    else context.print(...describeMetainfo(source.metainfo, seconds));
  },
});

type Description = readonly [result: object, text: string];

function describeMetainfo(metainfo: Metainfo, seconds: number): Description {
  const summary = summaryOf(metainfo, seconds);
  const { version, trackers: trackerTiers, webSeeds, comment, createdBy, creationDate } = metainfo;
  const files = filesOf(metainfo);
  const trackers = trackerTiers.flat();
  const result = {
    ...summary,
    version,
    files: files.map(describeFile),
    trackers,
    trackerTiers,
    webSeeds,
    private: metainfo.private,
    comment,
    createdBy,
    creationDate,
  };
  const more = rows([
    ["version", metainfo.private ? `${version}, private` : version],
    ...trackers.map((url) => ["tracker", url] as const),
    ...webSeeds.map((url) => ["web seed", url] as const),
  ]);
  return [result, [summaryText(summary), more, "files", ...files.map(fileLine)].join("\n")];
}

function describeFile(file: TorrentFile): object {
  return {
    path: file.path.join("/"),
    lengthBytes: file.lengthBytes,
    kind: file.kind,
    executable: file.executable,
    symlinkTarget: file.symlinkTarget?.join("/") ?? null,
    piecesRoot: file.piecesRoot?.toString("hex") ?? null,
  };
}

function fileLine(file: TorrentFile): string {
  const target = file.symlinkTarget === null ? "" : ` -> ${file.symlinkTarget.join("/")}`;
  const mark = file.executable ? " *" : "";
  return `${formatSize(file.lengthBytes).padStart(12)}  ${file.path.join("/")}${mark}${target}`;
}

function describeMagnet(magnet: Magnet, seconds: number): Description {
  const { infoHashV1, infoHashV2, name, lengthBytes, trackers, webSeeds } = magnet;
  const version = infoHashV1 === null ? "2" : infoHashV2 === null ? "1" : "hybrid";
  const result = {
    infoHashV1,
    infoHashV2,
    magnet: formatMagnet(magnet),
    name,
    lengthBytes,
    fileCount: null,
    pieceLengthBytes: null,
    pieceCount: null,
    seconds,
    version,
    files: null,
    trackers,
    trackerTiers: trackers.map((url) => [url]),
    webSeeds,
    private: null,
    comment: null,
    createdBy: null,
    creationDate: null,
  };
  const text = rows([
    ["name", name ?? "(not in the link)"],
    ...(lengthBytes === null ? [] : [["size", formatSize(lengthBytes)] as const]),
    ...(infoHashV1 === null ? [] : [["info-hash v1", infoHashV1] as const]),
    ...(infoHashV2 === null ? [] : [["info-hash v2", infoHashV2] as const]),
    ...trackers.map((url) => ["tracker", url] as const),
    ...webSeeds.map((url) => ["web seed", url] as const),
  ]);
  return [result, text];
}
