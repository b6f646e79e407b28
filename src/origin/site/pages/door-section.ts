// The three doors: torrent (and its twin for older clients), magnet link, direct download.

import type { Release } from "../../domain.ts";
import { filePath, torrentPath, twinPath } from "../addresses.ts";
import { html, type Html } from "../html.ts";
import { section } from "../page-parts.ts";
import { counted, exactBytes, formatBytes } from "../quantities.ts";
import type { ReleaseContents } from "../release-contents.ts";

export function doorSection(release: Release, contents: ReleaseContents): Html {
  return section(
    "get",
    "Get it",
    html`<ul class="doors">
        <li class="door door-first">
          <h3>Torrent</h3>
          <p>Fastest when many take it at once. For Upswarm, qBittorrent, libtorrent and other current clients.</p>
          <p class="door-way">
            <a class="button button-primary" href="${torrentPath(release)}" download>Download torrent</a>
          </p>
          <p class="door-twin">
            <a href="${twinPath(release)}" download>Torrent for older clients</a> (Transmission 3, aria2)
          </p>
        </li>
        <li class="door">
          <h3>Magnet link</h3>
          <p>The same swarm without a file: your client fetches what it needs from the machines that have it.</p>
          <p class="door-way"><a class="button" href="${contents.magnet}" rel="nofollow">Open magnet link</a></p>
        </li>
        <li class="door">
          <h3>Direct download</h3>
          ${release.kind === "file" ? directFile(release) : directFolder(release)}
        </li>
      </ul>
      ${release.kind === "folder" && fileList(release, contents)}`,
  );
}

function directFile(release: Release): Html {
  return html`<p>With this browser, from the origin alone. Interrupted downloads can go on where they stopped.</p>
    <p class="door-way">
      <a class="button" href="${filePath(release)}" download>Download ${formatBytes(release.lengthBytes)}</a>
    </p>
    <p class="door-twin">${release.name}</p>`;
}

function directFolder(release: Release): Html {
  return html`<p>With this browser, file by file, from the origin alone.</p>
    <p class="door-way"><a class="button" href="#files">${counted(release.fileCount, "file")}</a></p>`;
}

function fileList(release: Release, { files, unlistedCount }: ReleaseContents): Html {
  return html`<h3 id="files">Files</h3>
    <ul class="files">
      ${files.map(
        ({ path, lengthBytes }) =>
          html`<li>
            <a href="${filePath(release, path)}" download>${path.join("/")}</a>
            <span title="${exactBytes(lengthBytes)}">${formatBytes(lengthBytes)}</span>
          </li>`,
      )}
    </ul>
    ${unlistedCount > 0 && html`<p>And ${counted(unlistedCount, "more file")}, which the torrent holds.</p>`}`;
}
