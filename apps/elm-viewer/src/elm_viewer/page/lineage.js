"use strict";
// The line of descent as a graph in rows, youngest first: a dot each, lines to its parents, fitness as a bar.
{
  const ROW = 34;
  const LANE = 16;
  const MOST_LANES = 12;

  /** Give each node a lane, so that the line to its first parent goes straight down where it can. */
  function laneNodes(nodes) {
    const open = []; // lane -> id that it leads to
    const lanes = new Map();
    const known = new Set(nodes.map((node) => node.id));
    const edges = [];
    nodes.forEach((node) => {
      let lane = open.indexOf(node.id);
      if (lane < 0) lane = open.includes(null) ? open.indexOf(null) : open.length;
      open.forEach((id, i) => {
        if (id === node.id) open[i] = null;
      });
      open[lane] = null;
      lanes.set(node.id, lane);
      node.parents.filter((parent) => known.has(parent)).forEach((parent, i) => {
        let way = open.indexOf(parent);
        if (way < 0) {
          way = i === 0 ? lane : open.includes(null) ? open.indexOf(null) : open.length;
          if (i === 0 && open[lane] !== null) way = open.includes(null) ? open.indexOf(null) : open.length;
          open[way] = parent;
        }
        edges.push({ child: node.id, parent, way, first: i === 0 });
      });
    });
    return { lanes, edges, width: open.length };
  }

  function drawGraph(nodes, selected) {
    const { lanes, edges, width } = laneNodes(nodes);
    const place = new Map(nodes.map((node, i) => [node.id, i]));
    const x = (lane) => 12 + LANE * Math.min(lane, MOST_LANES);
    const y = (row) => ROW * (row + 0.5);
    const across = x(Math.max(0, width - 1)) + 12;
    const svg = page.svg("svg", { class: "lanes", width: across, height: ROW * nodes.length, "aria-hidden": "true" });
    for (const { child, parent, way, first } of edges) {
      const [from, to] = [place.get(child), place.get(parent)];
      const [x0, xw, x1] = [x(lanes.get(child)), x(way), x(lanes.get(parent))];
      const bend = (a, ya, b, yb) => `C${a},${(ya + yb) / 2} ${b},${(ya + yb) / 2} ${b},${yb}`;
      const middle = to - from > 1;
      const path = `M${x0},${y(from)}${bend(x0, y(from), xw, y(from + 1))}${middle ? `V${y(to - 1)}` : ""}${middle || xw !== x1 ? bend(xw, y(middle ? to - 1 : from + 1), x1, y(to)) : ""}`;
      svg.append(page.svg("path", { d: to === from + 1 ? `M${x0},${y(from)}${bend(x0, y(from), x1, y(to))}` : path, class: first ? "first" : "other" }));
    }
    for (const node of nodes) {
      const better = node.gain > 0;
      const [cx, cy] = [x(lanes.get(node.id)), y(place.get(node.id))];
      svg.append(page.svg("circle", { cx, cy, r: node.id === selected ? 7 : 5, class: (better ? "better " : "") + (node.id === selected ? "chosen" : "") }));
    }
    return svg;
  }

  /** The card of a lineage document. */
  page.lineage = (run, id, document) => {
    const fitness = new Map(document.nodes.map((node) => [node.id, node.fitness]));
    for (const node of document.nodes) {
      const parents = node.parents.map((parent) => fitness.get(parent)).filter((value) => value !== undefined && value !== null);
      node.gain = parents.length && node.fitness !== null ? node.fitness - Math.max(...parents) : 0;
    }
    const values = document.nodes.map((node) => node.fitness).filter((value) => value !== null);
    const [low, high] = [Math.min(0, ...values), Math.max(...values, 0)];
    const rows = document.nodes.map((node) => {
      const bar = page.el("span", { class: "bar" });
      bar.style.width = high > low ? `${(100 * ((node.fitness ?? low) - low)) / (high - low)}%` : "0";
      return page.el(
        "li", { class: node.id === id ? "chosen" : "" },
        page.el("a", { href: page.route.href({ id: node.id }), "aria-current": node.id === id ? "true" : null }, "#" + node.id),
        node.png && page.png(node.png, ""),
        page.el("span", { class: "by" }, node.operator || "–"),
        page.el("span", { class: "track" }, bar),
        page.el("span", { class: "figure" }, page.number(node.fitness)),
        page.el("span", { class: "gain" }, node.gain > 0 ? "+" + page.number(node.gain) : ""),
      );
    });
    const better = document.nodes.filter((node) => node.gain > 0).length;
    return page.el(
      "section", { class: "card" },
      page.el("h2", {}, "Lineage"),
      page.el("p", { class: "note" }, `${page.number(document.nodes.length)} individuals from the seed to #${id}, ${page.number(better)} of them better than their parents (filled dots).`, document.left_out && " More distant ancestors are left out."),
      page.el("div", { class: "lineage" }, drawGraph(document.nodes, id), page.el("ol", {}, rows)),
    );
  };
}
