// Keeps the numbers of a release's swarm moving: reads /live/PRODUCT/VERSION, writes the texts that the server made into
// their places, and draws the charts. The page is complete without it. The reader can pause it.

import { LiveChart } from "./live-chart.js";

/**
 * @typedef {{at: number, seeds: number, downloading: number, deliveredBytes: number, originBytes: number}} Sample
 * @typedef {{texts: Record<string, string>, bars: Record<string, number>, samples: Sample[]}} SwarmNews
 */

const WINDOW_MS = 15 * 60 * 1000;

for (const place of document.querySelectorAll("[data-live]")) {
  if (place instanceof HTMLElement) follow(place);
}

/** @param {HTMLElement} place */
function follow(place) {
  const state = place.querySelector("[data-live-state]");
  const charts = [...place.querySelectorAll("[data-chart]")].map((into) => new LiveChart(into));
  /** @type {Sample[]} */
  let samples = [];
  /** @type {EventSource | null} */
  let source = null;

  const open = () => {
    source = new EventSource(place.dataset["live"] ?? "");
    source.addEventListener("open", () => (samples = []));
    source.addEventListener("swarm", ({ data }) => {
      /** @type {SwarmNews} */
      const news = JSON.parse(data);
      samples = within(samples.concat(news.samples));
      write(place, news);
      if (samples.length > 1) {
        place.querySelector(".charts")?.removeAttribute("hidden");
        for (const chart of charts) chart.draw(samples);
      }
      say("Live");
    });
    // The page is a tombstone by now.
    source.addEventListener("withdrawn", () => location.reload());
    source.addEventListener("error", () => {
      say(
        source?.readyState === EventSource.CLOSED ? "Not live. Reload for newer numbers." : "Not live; trying again.",
      );
    });
  };

  const pause = document.createElement("button");
  pause.type = "button";
  pause.className = "copy";
  pause.textContent = "Pause";
  pause.addEventListener("click", () => {
    if (source === null) {
      open();
      pause.textContent = "Pause";
    } else {
      source.close();
      source = null;
      pause.textContent = "Go on";
      say("Paused");
    }
  });
  state?.after(pause);
  open();

  /** @param {string} text */
  function say(text) {
    if (state === null || state.textContent === text) return;
    state.textContent = text;
    state.classList.toggle("is-live", text === "Live");
  }
}

/**
 * @param {HTMLElement} place
 * @param {SwarmNews} news
 */
function write(place, { texts, bars }) {
  for (const figure of place.querySelectorAll("[data-figure]")) {
    const text = texts[figure.getAttribute("data-figure") ?? ""];
    if (text !== undefined && figure.textContent !== text) figure.textContent = text;
  }
  for (const bar of place.querySelectorAll("[data-bar]")) {
    bar.setAttribute("width", String(bars[bar.getAttribute("data-bar") ?? ""] ?? 0));
  }
}

/**
 * The last quarter of an hour.
 * @param {Sample[]} samples
 */
function within(samples) {
  const newest = samples.at(-1)?.at ?? 0;
  return samples.filter(({ at }) => at > newest - WINDOW_MS);
}
