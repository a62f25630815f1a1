// Curves over the last minutes, drawn by uPlot (a script of its own, which leaves its name in the window).
import { html, rate, useEffect, useRef } from "./parts.js";

const shown_s = 300, height_px = 190;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(curves, width) {
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
  return {
    width, height: height_px, legend: { show: false }, cursor: { y: false, points: { size: 6 } }, padding: [8, 4, 0, 0],
    scales: { x: { time: true, range: (_, __, last) => [last - shown_s, last] }, y: { range: (_, low, high) => [0, Math.max(1, (high ?? 0) * 1.15)] } },
    axes: [{ ...axis, space: 90, size: 24, values: (_, ticks) => ticks.map((t) => new Date(t * 1000).toLocaleTimeString("en-GB")) },
           { ...axis, size: 46, values: (_, ticks) => ticks.map((t) => rate(t).replace(".0", "")) }],
    series: [{}, ...curves.map((_, i) => ({ stroke: colour(`--curve-${i + 1}`), width: 2, points: { show: false } }))],
  };
}

/// curves: [[name of the sample, words]]; at most three.
export function Chart({ samples, curves, label }) {
  const place = useRef(null), plot = useRef(null);
  const data = samples ? [samples.at, ...curves.map(([name]) => samples[name])] : null;
  useEffect(() => {
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(curves, place.current.clientWidth), data ?? [[], ...curves.map(() => [])], place.current);
    };
    make();
    const size = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height: height_px }));
    size.observe(place.current);
    const theme = new MutationObserver(make);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => { size.disconnect(); theme.disconnect(); plot.current.destroy(); plot.current = null; };
  }, []);
  useEffect(() => { if (data && plot.current) plot.current.setData(data); });
  const last = (name) => samples?.[name]?.at(-1);
  return html`<figure>
    <figcaption class="legend">${curves.map(([name, words], i) => html`<span><i class=${`c${i + 1}`}></i>${words} <b>${rate(last(name))}</b>/s</span>`)}</figcaption>
    <div class="chart" ref=${place} role="img" aria-label=${label}></div>
  </figure>`;
}
