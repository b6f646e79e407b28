// One chart of a swarm with uPlot: machines, or bytes since the first sample. Colours come from the style sheet, so that
// they follow the reader's scheme. uPlot styles elements by properties, which the Content-Security-Policy allows.

import uPlot from "./uplot.js";

/** @typedef {import("./live.js").Sample} Sample */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

const KINDS = {
  machines: {
    label: "Seeds and machines downloading, last quarter of an hour",
    /** @param {Sample[]} samples */
    columns: (samples) => [samples.map(({ seeds }) => seeds), samples.map(({ downloading }) => downloading)],
    lines: [
      { label: "seeds", color: "--accent" },
      { label: "downloading", color: "--accent", dash: [6, 4] },
    ],
    format: (/** @type {number} */ value) => String(value),
    // Machines come whole.
    increments: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000],
  },
  bytes: {
    label: "Bytes in completed copies and bytes sent by the origin, last quarter of an hour",
    /** @param {Sample[]} samples */
    columns: (samples) => {
      const [first] = samples;
      return [
        samples.map(({ deliveredBytes }) => deliveredBytes - (first?.deliveredBytes ?? 0)),
        samples.map(({ originBytes }) => originBytes - (first?.originBytes ?? 0)),
      ];
    },
    lines: [
      { label: "in completed copies", color: "--accent" },
      { label: "sent by the origin", color: "--origin" },
    ],
    format: formatBytes,
    increments: undefined,
  },
};

export class LiveChart {
  /** @type {Element} */ #into;
  /** @type {typeof KINDS.machines | typeof KINDS.bytes} */ #kind;
  /** @type {any} */ #plot = null;
  /** @type {Sample[]} */ #samples = [];

  /** @param {Element} into */
  constructor(into) {
    this.#into = into;
    this.#kind = into.getAttribute("data-chart") === "machines" ? KINDS.machines : KINDS.bytes;
    const again = () => this.#again();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(into);
  }

  /** @param {Sample[]} samples */
  draw(samples) {
    this.#samples = samples;
    if (this.#plot === null) this.#again();
    else this.#plot.setData(this.#data());
  }

  /** From nothing, with the colours of now. */
  #again() {
    if (this.#samples.length === 0) return;
    this.#plot?.destroy();
    this.#into.replaceChildren();
    this.#into.setAttribute("role", "img");
    this.#into.setAttribute("aria-label", this.#kind.label);
    this.#plot = new uPlot(this.#options(), this.#data(), this.#into);
  }

  #options() {
    const { lines, format, increments } = this.#kind;
    const ink = colorOf("--muted");
    const grid = { stroke: colorOf("--line"), width: 1 };
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: ink, font, grid, ticks: { show: false } };
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 22, 0, 0],
      scales: {
        y: {
          range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ max) => [
            0,
            Math.max(max * 1.08, 1),
          ],
        },
      },
      axes: [
        {
          ...axis,
          space: 70,
          size: 26,
          values: (/** @type {any} */ _, /** @type {number[]} */ times) => times.map(clockTime),
        },
        {
          ...axis,
          space: 34,
          size: 62,
          ...(increments === undefined ? {} : { incrs: increments }),
          values: (/** @type {any} */ _, /** @type {number[]} */ values) => values.map(format),
        },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: colorOf(line.color),
          width: 2,
          points: { show: false },
          ...("dash" in line ? { dash: line.dash } : {}),
        })),
      ],
    };
  }

  #data() {
    return [this.#samples.map(({ at }) => at / 1000), ...this.#kind.columns(this.#samples)];
  }

  #size() {
    return { width: this.#into.clientWidth, height: this.#into.clientHeight };
  }
}

/** @param {string} name */
function colorOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @param {number} seconds */
function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** @param {number} bytes */
function formatBytes(bytes) {
  const unit = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** unit;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
