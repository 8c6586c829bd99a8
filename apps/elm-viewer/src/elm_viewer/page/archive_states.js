"use strict";
// The archive at any step, from the individuals that it took (`columns`, in order of id).
{
  /** A run's columns with those of younger individuals behind them. */
  page.appendColumns = (columns, more) => {
    for (const name of ["id", "step", "niche", "fitness", "operator"]) for (const value of more[name]) columns[name].push(value);
    more.measures.forEach((values, axis) => {
      for (const value of values) columns.measures[axis].push(value);
    });
    columns.next = more.next;
  };

  /** The elite of each filled niche after `step`, as places in the columns. */
  page.archiveAt = (run, step) => {
    const { niche, fitness, step: steps } = run.columns;
    const youngest = run.niches.kind === "places"; // a population's places; elsewhere the fittest counts
    const elites = new Map();
    for (let i = 0; i < niche.length && steps[i] <= step; i += 1) {
      const before = elites.get(niche[i]);
      if (before === undefined || youngest || fitness[i] > fitness[before]) elites.set(niche[i], i);
    }
    return [...elites.values()];
  };

  /** Lowest and highest fitness among places in the columns. */
  page.fitnessRange = (run, places) => {
    let low = Infinity;
    let high = -Infinity;
    for (const place of places) {
      const value = run.columns.fitness[place];
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return low <= high ? [low, high] : [0, 1];
  };
}
