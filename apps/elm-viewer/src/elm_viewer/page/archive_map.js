"use strict";
// The map of an archive: cells on a canvas, axes and outlines in SVG above it, for mouse, touch and keyboard.
{
  const MARGIN = { top: 12, right: 14, bottom: 46 };
  const LONGEST_NAME = 12; // characters of a category at an axis

  const shortName = (name) => (name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME - 1) + "…" : name);

  /** Room for the labels left of the map: the names of categories need more than numbers. */
  function leftMargin(axis) {
    if (axis === null || axis.categories === null) return 58;
    return 34 + 7 * Math.max(...axis.categories.map((name) => shortName(name).length));
  }
  const SHADES = Array.from({ length: 256 }, (_, i) => d3.interpolateViridis(i / 255));
  const NEAR = 14; // pixels from a point that count as on it

  /** Bin of a niche along each axis (C order, as elm_qd.grid counts). */
  function binsOf(niche, sizes) {
    const bins = new Array(sizes.length);
    for (let axis = sizes.length - 1; axis >= 0; axis -= 1) {
      bins[axis] = niche % sizes[axis];
      niche = Math.floor(niche / sizes[axis]);
    }
    return bins;
  }

  function gridCells(run, view, scales) {
    const edges = run.niches.edges;
    const sizes = edges.map((list) => list.length - 1);
    const [nx, ny] = [sizes[view.x], view.y === null ? 1 : sizes[view.y]];
    const best = new Array(nx * ny).fill(-1);
    const counts = new Array(nx * ny).fill(0);
    for (const place of view.elites) {
      const bins = binsOf(run.columns.niche[place], sizes);
      if (Object.entries(view.slices).some(([axis, bin]) => bins[axis] !== bin)) continue;
      const cell = bins[view.x] * ny + (view.y === null ? 0 : bins[view.y]);
      counts[cell] += 1;
      if (best[cell] < 0 || run.columns.fitness[place] > run.columns.fitness[best[cell]]) best[cell] = place;
    }
    const cells = [];
    for (let i = 0; i < nx; i += 1) {
      for (let j = 0; j < ny; j += 1) {
        const x0 = scales.x(edges[view.x][i]);
        const x1 = scales.x(edges[view.x][i + 1]);
        const y0 = view.y === null ? scales.height : scales.y(edges[view.y][j]);
        const y1 = view.y === null ? 0 : scales.y(edges[view.y][j + 1]);
        const place = best[i * ny + j];
        cells.push({ place, count: counts[i * ny + j], cx: (x0 + x1) / 2, cy: (y0 + y1) / 2, corners: [[x0, y1], [x1, y1], [x1, y0], [x0, y0]] });
      }
    }
    const find = (px, py) => {
      const i = d3.bisectRight(edges[view.x], scales.x.invert(px)) - 1;
      const j = view.y === null ? 0 : d3.bisectRight(edges[view.y], scales.y.invert(py)) - 1;
      return i < 0 || i >= nx || j < 0 || j >= ny ? null : cells[i * ny + j];
    };
    return { cells, find };
  }

  /** Voronoi cells in the plane; distances are in units of the axes' ranges, as elm_qd.voronoi has them. */
  function voronoiCells(run, view, scales) {
    const [ax, ay] = run.overview.axes;
    const unit = run.niches.centroids.map(([a, b]) => [(a - ax.low) / (ax.high - ax.low), (b - ay.low) / (ay.high - ay.low)]);
    const swapped = view.x === 1;
    const points = swapped ? unit.map(([a, b]) => [b, a]) : unit;
    const delaunay = d3.Delaunay.from(points);
    const diagram = delaunay.voronoi([0, 0, 1, 1]);
    const elites = new Map(view.elites.map((place) => [run.columns.niche[place], place]));
    const cells = points.map(([px, py], niche) => {
      const place = elites.get(niche) ?? -1;
      const polygon = diagram.cellPolygon(niche) ?? [];
      const corners = polygon.map(([a, b]) => [a * scales.width, (1 - b) * scales.height]);
      return { place, count: place < 0 ? 0 : 1, cx: px * scales.width, cy: (1 - py) * scales.height, corners };
    });
    const find = (px, py) => {
      if (px < 0 || py < 0 || px > scales.width || py > scales.height) return null;
      return cells[delaunay.find(px / scales.width, 1 - py / scales.height)];
    };
    return { cells, find };
  }

  /** Cells of centroids on a line: between the middles of neighbours. */
  function intervalCells(run, view, scales) {
    const centroids = run.niches.centroids.map(([a], niche) => [a, niche]).sort((a, b) => a[0] - b[0]);
    const elites = new Map(view.elites.map((place) => [run.columns.niche[place], place]));
    const axis = run.overview.axes[0];
    const cells = centroids.map(([a, niche], i) => {
      const x0 = scales.x(i === 0 ? axis.low : (a + centroids[i - 1][0]) / 2);
      const x1 = scales.x(i === centroids.length - 1 ? axis.high : (a + centroids[i + 1][0]) / 2);
      const place = elites.get(niche) ?? -1;
      return { place, count: place < 0 ? 0 : 1, cx: (x0 + x1) / 2, cy: scales.height / 2, corners: [[x0, 0], [x1, 0], [x1, scales.height], [x0, scales.height]] };
    });
    return { cells, find: (px) => cells.find((cell) => cell.corners[0][0] <= px && px < cell.corners[1][0]) ?? null };
  }

  /** Members as points at two of their measures; the centroids of empty niches as small rings. */
  function points(run, view, scales) {
    const clamp = (value, most) => Math.min(Math.max(value, 0), most);
    const across = (values) => clamp(scales.x(values(view.x)), scales.width);
    const up = (values) => (view.y === null ? scales.height / 2 : clamp(scales.y(values(view.y)), scales.height));
    const cells = view.elites
      .map((place) => {
        const values = (axis) => run.columns.measures[axis][place];
        return { place, count: 1, cx: across(values), cy: up(values), corners: null };
      })
      .sort((a, b) => run.columns.fitness[a.place] - run.columns.fitness[b.place]);
    const filled = new Set(view.elites.map((place) => run.columns.niche[place]));
    const empty = (run.niches.centroids ?? [])
      .filter((_, niche) => !filled.has(niche))
      .map((centroid) => ({ place: -1, count: 0, cx: across((axis) => centroid[axis]), cy: up((axis) => centroid[axis]), corners: null }));
    const delaunay = cells.length ? d3.Delaunay.from(cells, (cell) => cell.cx, (cell) => cell.cy) : null;
    const find = (px, py) => {
      const cell = delaunay === null ? null : cells[delaunay.find(px, py)];
      return cell && Math.hypot(cell.cx - px, cell.cy - py) <= NEAR ? cell : null;
    };
    return { cells: [...empty, ...cells], find };
  }

  function cellsOf(run, view, scales) {
    const { kind } = run.niches;
    const axes = run.overview.axes.length;
    if (kind === "grid") return gridCells(run, view, scales);
    if (kind === "centroids" && axes === 2 && view.y !== null && view.x !== view.y) return voronoiCells(run, view, scales);
    if (kind === "centroids" && axes === 1) return intervalCells(run, view, scales);
    return points(run, view, scales);
  }

  function outline(cell) {
    if (cell.corners === null) return page.svg("circle", { cx: cell.cx, cy: cell.cy, r: 8 });
    return page.svg("polygon", { points: cell.corners.map((corner) => corner.join(",")).join(" ") });
  }

  function drawAxis(group, scale, axis, length, below) {
    const drawn = below ? d3.axisBottom(scale) : d3.axisLeft(scale);
    if (axis.categories !== null) {
      const most = Math.max(1, Math.floor(length / (below ? 92 : 16)));
      const every = Math.ceil(axis.categories.length / most);
      drawn.tickValues(d3.range(0, axis.categories.length, every)).tickFormat((i) => shortName(axis.categories[i]));
    } else {
      drawn.ticks(Math.max(2, Math.floor(length / 70))).tickFormat(page.number);
    }
    d3.select(group).call(drawn.tickSizeOuter(0));
  }

  /**
   * A map. `open(place)` is called when an elite is chosen.
   * Its `draw(view)` takes: `elites` (places in the columns), `x`, `y` (axes; y null: a strip), `slices`
   * (axis -> bin), `range` (of the colours), `selected` (an id or null).
   */
  page.archiveMap = (run, open) => {
    const canvas = page.el("canvas", { "aria-hidden": "true" });
    const svg = page.svg("svg", { "aria-hidden": "true" });
    const tip = page.el("div", { class: "tip", hidden: true });
    const said = page.el("p", { class: "visually-hidden", "aria-live": "polite" });
    const element = page.el(
      "div",
      { class: "map", tabindex: "0", role: "application", "aria-label": "Map of the archive. Arrow keys move between elites, Enter opens one, Home goes to the best." },
      canvas, svg, tip, said,
    );
    let view = null;
    let found = { cells: [], find: () => null };
    let scales = null;
    let cursor = null; // the cell under keyboard or mouse
    const cursorLayer = page.svg("g", { class: "cursor" });
    const selectedLayer = page.svg("g", { class: "selected" });

    function shade(place) {
      const [low, high] = view.range;
      const share = high > low ? (run.columns.fitness[place] - low) / (high - low) : 1;
      return SHADES[Math.round(255 * Math.min(1, Math.max(0, share)))];
    }

    function paint(width, height) {
      const context = page.sharp(canvas, width, height);
      context.translate(scales.left, MARGIN.top);
      context.fillStyle = page.colour("empty");
      context.fillRect(0, 0, scales.width, scales.height);
      const lines = found.cells.length < 6000;
      context.strokeStyle = page.colour("cell-edge");
      context.lineWidth = 1;
      for (const cell of found.cells) {
        context.beginPath();
        if (cell.corners === null) context.arc(cell.cx, cell.cy, cell.place < 0 ? 1.5 : 5, 0, 7);
        else cell.corners.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
        context.closePath();
        if (cell.place >= 0) {
          context.fillStyle = shade(cell.place);
          context.fill();
        }
        if (lines) context.stroke();
      }
    }

    function drawFrame(width, height) {
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.setAttribute("width", width);
      svg.setAttribute("height", height);
      const inner = page.svg("g", { transform: `translate(${scales.left},${MARGIN.top})` });
      const below = page.svg("g", { transform: `translate(0,${scales.height})` });
      const left = page.svg("g", {});
      const xAxis = run.overview.axes[view.x];
      drawAxis(below, scales.x, xAxis, scales.width, true);
      inner.append(below, page.svg("text", { class: "axis-name", x: scales.width / 2, y: scales.height + 38, "text-anchor": "middle" }, page.axisLabel(xAxis)));
      if (view.y !== null) {
        const yAxis = run.overview.axes[view.y];
        drawAxis(left, scales.y, yAxis, scales.height, false);
        inner.append(left, page.svg("text", { class: "axis-name", transform: "rotate(-90)", x: -scales.height / 2, y: 14 - scales.left, "text-anchor": "middle" }, page.axisLabel(yAxis)));
      }
      inner.append(selectedLayer, cursorLayer);
      svg.replaceChildren(inner);
    }

    function showSelected() {
      const cell = found.cells.find((candidate) => candidate.place >= 0 && run.columns.id[candidate.place] === view.selected);
      selectedLayer.replaceChildren(...(cell ? [outline(cell)] : []));
    }

    function words(cell) {
      const { columns, overview } = run;
      if (cell.place < 0) return [["empty niche", ""]];
      const rows = [["individual", "#" + columns.id[cell.place]], ["fitness", page.number(columns.fitness[cell.place])]];
      overview.axes.forEach((axis, i) => rows.push([axis.name.replaceAll("_", " "), page.measure(axis, columns.measures[i][cell.place])]));
      rows.push(["operator", columns.operator[cell.place] || "–"], ["step", page.number(columns.step[cell.place])]);
      if (cell.count > 1) rows.push(["behind it", page.number(cell.count - 1) + " more niches"]);
      return rows;
    }

    function point(cell, aloud) {
      cursor = cell;
      tip.hidden = cell === null;
      cursorLayer.replaceChildren(...(cell === null ? [] : [outline(cell)]));
      element.classList.toggle("on-elite", cell !== null && cell.place >= 0);
      if (cell === null) return;
      const rows = words(cell);
      tip.replaceChildren(...rows.map(([name, value]) => page.el("div", {}, page.el("span", {}, name), page.el("b", {}, value))));
      const [x, y] = [cell.cx + scales.left, cell.cy + MARGIN.top];
      const right = x + 24 + tip.offsetWidth > element.clientWidth;
      tip.style.left = Math.max(0, right ? x - tip.offsetWidth - 16 : x + 16) + "px";
      tip.style.top = Math.max(0, Math.min(y - 20, element.clientHeight - tip.offsetHeight)) + "px";
      if (aloud) said.textContent = rows.map((row) => row.join(" ")).join(", ");
    }

    function at(event) {
      const box = element.getBoundingClientRect();
      return found.find(event.clientX - box.left - scales.left, event.clientY - box.top - MARGIN.top);
    }

    /** The nearest elite in a direction: distance along it, with a penalty for straying from it. */
    function neighbour(dx, dy) {
      const from = cursor ?? { cx: scales.width / 2, cy: scales.height / 2 };
      let best = null;
      let least = Infinity;
      for (const cell of found.cells) {
        if (cell.place < 0 || cell === cursor) continue;
        const along = (cell.cx - from.cx) * dx + (cell.cy - from.cy) * dy;
        const aside = Math.abs((cell.cx - from.cx) * dy) + Math.abs((cell.cy - from.cy) * dx);
        if (along <= 0.5) continue;
        if (along + 3 * aside < least) {
          least = along + 3 * aside;
          best = cell;
        }
      }
      return best;
    }

    const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    element.addEventListener("pointermove", (event) => point(at(event), false));
    element.addEventListener("pointerleave", () => point(null, false));
    element.addEventListener("blur", () => point(null, false));
    element.addEventListener("click", (event) => {
      const cell = at(event);
      if (cell !== null && cell.place >= 0) open(cell.place);
    });
    element.addEventListener("keydown", (event) => {
      if (DIRECTIONS[event.key]) point(neighbour(...DIRECTIONS[event.key]) ?? cursor, true);
      else if (event.key === "Home") point(d3.greatest(found.cells.filter((cell) => cell.place >= 0), (cell) => run.columns.fitness[cell.place]) ?? null, true);
      else if (event.key === "Enter" && cursor !== null && cursor.place >= 0) open(cursor.place);
      else if (event.key === "Escape") point(null, false);
      else return;
      event.preventDefault();
    });

    function draw(next) {
      view = next ?? view;
      const width = element.clientWidth;
      if (view === null || width === 0) return;
      const most = Math.max(260, Math.min(560, window.innerHeight - 330));
      const height = view.y === null ? 180 : Math.min(Math.round(width * 0.85), most);
      const [xAxis, yAxis] = [run.overview.axes[view.x], view.y === null ? null : run.overview.axes[view.y]];
      const left = leftMargin(yAxis);
      scales = { left, width: width - left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
      scales.x = d3.scaleLinear([xAxis.low, xAxis.high], [0, scales.width]);
      scales.y = yAxis === null ? null : d3.scaleLinear([yAxis.low, yAxis.high], [scales.height, 0]);
      found = cellsOf(run, view, scales);
      paint(width, height);
      drawFrame(width, height);
      showSelected();
      // A run that goes on is drawn again every second: whoever stands on a cell stays there.
      point(cursor === null ? null : found.find(cursor.cx, cursor.cy), false);
    }

    new ResizeObserver(() => draw()).observe(element);
    return {
      element,
      draw,
      select(id) {
        view.selected = id;
        showSelected();
      },
    };
  };

  /** The legend of the colours: lowest to highest fitness, and what an empty niche looks like. */
  page.fitnessLegend = (range, hasNiches) => {
    const canvas = page.el("canvas", { class: "ramp", "aria-hidden": "true" });
    const context = page.sharp(canvas, 160, 10);
    SHADES.forEach((colour, i) => {
      context.fillStyle = colour;
      context.fillRect((160 * i) / 256, 0, 1, 10);
    });
    return page.el(
      "p", { class: "legend" },
      page.el("span", {}, "fitness ", page.number(range[0])), canvas, page.el("span", {}, page.number(range[1])),
      hasNiches && page.el("span", { class: "empty-swatch" }, "empty niche"),
    );
  };
}
