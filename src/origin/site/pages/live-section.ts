// The live swarm on a release's page: the demonstration. Complete as it is served; live.js keeps it moving.

import type { LiveSwarm, Release } from "../../domain.ts";
import { livePath } from "../addresses.ts";
import { html, type Html } from "../html.ts";
import { section } from "../page-parts.ts";
import { formatBytes, formatCount, formatSecond, isoTime } from "../quantities.ts";
import { sparkline } from "../sparkline.ts";
import { figureSamples, swarmFigures, type FigureName, type FigureSample } from "../swarm-figures.ts";

export function liveSection(release: Release, live: LiveSwarm, now: number): Html {
  const { texts, bars } = swarmFigures(release, live);
  const figure = (name: FigureName): Html => html`<span data-figure="${name}">${texts[name]}</span>`;
  const stat = (name: FigureName, label: string): Html =>
    html`<div>
      <dt>${label}</dt>
      <dd>${figure(name)}</dd>
    </div>`;
  return section(
    "swarm",
    "Live swarm",
    html`<div class="live" data-live="${livePath(release)}" data-length-bytes="${release.lengthBytes}">
      <dl class="stats">
        ${stat("seeds", "Seeds")} ${stat("downloading", "Downloading")} ${stat("completed", "Completed")}
        ${stat("peerShare", "Came from peers")}
      </dl>
      <dl class="bars">
        <div>
          <dt>As direct downloads it would have cost</dt>
          <dd>${bar("direct", bars.direct)}${figure("directCost")}</dd>
        </div>
        <div>
          <dt>The origin sent to the swarm</dt>
          <dd>${bar("origin", bars.origin)}${figure("originSent")}</dd>
        </div>
      </dl>
      <p class="live-note">
        ${figure("completed")} complete copies of ${formatBytes(release.lengthBytes)} each. Besides:
        ${figure("direct")}. The origin sends ${figure("originRate")} now.
      </p>
      ${charts(figureSamples(release, live))}
      <p class="live-state">
        <span data-live-state
          >As of <time datetime="${isoTime(now)}">${formatSecond(now)}</time>. Reload for newer numbers.</span
        >
      </p>
    </div>`,
  );
}

function bar(name: "direct" | "origin", percent: number): Html {
  return html`<svg class="bar bar-${name}" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${percent}" height="1" data-bar="${name}" />
  </svg>`;
}

function charts(samples: readonly FigureSample[]): Html {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 2) {
    return html`<div class="charts" hidden>${chart("machines", null)}${chart("bytes", null)}</div>`;
  }
  const delivered = samples.map(({ deliveredBytes }) => deliveredBytes - first.deliveredBytes);
  const sent = samples.map(({ originBytes }) => originBytes - first.originBytes);
  const machines = `Seeds from ${formatCount(first.seeds)} to ${formatCount(last.seeds)}, machines downloading from ${formatCount(first.downloading)} to ${formatCount(last.downloading)}.`;
  const bytes = `Completed copies grew by ${formatBytes(delivered.at(-1) ?? 0)}, while the origin sent ${formatBytes(sent.at(-1) ?? 0)}.`;
  return html`<div class="charts">
    ${chart(
      "machines",
      sparkline(machines, [
        { name: "seeds", values: samples.map(({ seeds }) => seeds) },
        { name: "downloading", values: samples.map(({ downloading }) => downloading) },
      ]),
    )}
    ${chart(
      "bytes",
      sparkline(bytes, [
        { name: "delivered", values: delivered },
        { name: "origin", values: sent },
      ]),
    )}
  </div>`;
}

const charted = {
  machines: {
    title: "Machines",
    lines: [
      ["seeds", "seeds"],
      ["downloading", "downloading"],
    ],
  },
  bytes: {
    title: "Bytes",
    lines: [
      ["delivered", "in completed copies"],
      ["origin", "sent by the origin"],
    ],
  },
} as const;

function chart(name: "machines" | "bytes", picture: Html | null): Html {
  const { title, lines } = charted[name];
  return html`<figure class="chart">
    <figcaption>
      <span><strong>${title}</strong> in the last quarter of an hour</span>
      ${lines.map(([line, text]) => html`<span class="key key-${line}">${text}</span>`)}
    </figcaption>
    <div class="plot" data-chart="${name}">${picture}</div>
  </figure>`;
}
