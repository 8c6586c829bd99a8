"use strict";
// Numbers, times and names as people read them.
{
  const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

  /** A number in four digits; a dash for none. */
  page.number = (value) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped.format(value).replaceAll(",", "\u202f");
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2).replace("-", "−");
    const text = size >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
    return text.replace("-", "−");
  };

  page.percent = (share) => (share === null || !Number.isFinite(share) ? "–" : (100 * share).toFixed(share < 0.1 ? 1 : 0) + " %");

  page.duration = (seconds) => {
    if (seconds === null || !Number.isFinite(seconds)) return "–";
    if (seconds < 0.1) return (1000 * seconds).toFixed(1) + " ms";
    if (seconds < 100) return page.number(Number(seconds.toPrecision(3))) + " s";
    if (seconds < 5400) return Math.floor(seconds / 60) + " min " + Math.round(seconds % 60) + " s";
    return Math.floor(seconds / 3600) + " h " + Math.round((seconds % 3600) / 60) + " min";
  };

  page.time = (unix) => new Date(1000 * unix).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });

  /** A measure on an axis: with its unit, or the name of its category. */
  page.measure = (axis, value) => {
    if (axis.categories !== null) return axis.categories[Math.round(value)] ?? page.number(value);
    return page.number(value) + (axis.unit ? " " + axis.unit : "");
  };

  page.axisLabel = (axis) => axis.name.replaceAll("_", " ") + (axis.unit ? " (" + axis.unit + ")" : "");

  /** What became of an individual, in words. */
  page.fate = (individual) => {
    if (individual.cause !== "ok") return individual.cause;
    return { new: "new niche", improved: "improved", rejected: "not better", invalid: "invalid" }[individual.addition] ?? individual.addition;
  };

  page.fateClass = (individual) => (individual.cause !== "ok" ? "lost" : individual.addition);
}
