"use strict";
// Curves with uPlot, in the colours of the page.
{
  /** Colours of runs and causes, readable on both backgrounds. */
  page.hues = ["#2a9d8f", "#e76f51", "#5b7fd6", "#c99700", "#a05fb5", "#5fa052", "#d1588f", "#7d8597"];
  page.hue = (i) => page.hues[i % page.hues.length];

  /** What the curves run over. */
  page.RUNS_OVER = {
    individuals: { label: "individuals", of: (history) => history.individuals },
    minutes: { label: "minutes", of: (history) => history.seconds.map((seconds) => seconds / 60) },
    steps: { label: "steps", of: (history) => history.step },
  };

  const STEPS = uPlot.paths.stepped({ align: -1 });
  const sync = uPlot.sync("curves");

  /**
   * A card with curves. `series` are { label, colour, values, fill, dash }; `options.format` makes texts of values,
   * `options.range` fixes the vertical axis.
   */
  page.curves = (title, xLabel, xs, series, options = {}) => {
    const frame = page.el("div", { class: "curves" });
    const element = page.el("section", { class: "card", "aria-label": title }, page.el("h2", {}, title), options.note && page.el("p", { class: "note" }, options.note), frame);
    let chart = null;
    const format = options.format ?? page.number;

    function make() {
      const width = frame.clientWidth;
      if (width === 0) return;
      chart?.destroy();
      const axis = { stroke: page.colour("muted"), grid: { stroke: page.colour("line"), width: 1 }, ticks: { stroke: page.colour("line"), width: 1, size: 4 }, font: "12px system-ui, sans-serif" };
      chart = new uPlot(
        {
          width,
          height: options.height ?? 220,
          cursor: { sync: { key: sync.key, setSeries: false }, points: { size: 7 } },
          legend: { live: true },
          scales: { x: { time: false }, y: { range: options.range ?? ((_, low, high) => (low === high ? [low - 1, high + 1] : uPlot.rangeNum(low, high, 0.08, false))) } },
          axes: [
            { ...axis, size: 30, labelGap: 0, label: xLabel, labelSize: 18, labelFont: "12px system-ui, sans-serif", values: (_, ticks) => ticks.map(page.number) },
            { ...axis, size: 62, values: (_, ticks) => ticks.map(format) },
          ],
          series: [
            { label: xLabel, value: (_, value) => page.number(value) },
            ...series.map(({ label, colour, fill, dash, shown, stepped }) => ({ label, paths: stepped ? STEPS : undefined, stroke: colour, width: fill ? 0.5 : 2, fill, dash, spanGaps: true, points: { show: false }, value: (self, value, seriesIndex, i) => (i === null ? "–" : format(shown ? shown[i] : value)) })),
          ],
        },
        [xs, ...series.map(({ values }) => values)],
        frame,
      );
    }
    new ResizeObserver(() => {
      if (chart === null || chart.width !== frame.clientWidth) make();
    }).observe(frame);
    return element;
  };

  /** Join curves with different abscissas into one table for a chart. */
  page.joined = (tables) => uPlot.join(tables);
}
