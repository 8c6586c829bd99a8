"use strict";
// Programs and texts, line by line: highlighted, or as what changed of the parent.
{
  const CONTEXT = 3; // unchanged lines shown around a change

  function spans(line) {
    const nodes = [];
    for (let i = 0; i < line.length; i += 2) nodes.push(line[i] ? page.el("span", { class: "code-" + line[i] }, line[i + 1]) : line[i + 1]);
    return nodes;
  }

  function row(number, mark, line, kind) {
    return page.el("div", { class: "line " + kind },
      page.el("span", { class: "line-number", "data-number": number ?? "" }),
      page.el("span", { class: "line-mark", "data-mark": mark }),
      page.el("span", { class: "line-text" }, spans(line), "\n"));
  }

  /** A whole text. */
  page.programText = (lines, language) => page.el(
    "pre", { class: "program " + language, tabindex: "0", "aria-label": "genotype" },
    lines.map((line, i) => row(i + 1, "", line, "")),
  );

  /** The lines that a child changed of its parent, with some around them. */
  page.programChanges = (parent, child, blocks, language) => {
    const rows = [];
    blocks.forEach(([kind, from, to, childFrom, childTo], place) => {
      if (kind === "equal") {
        const first = place === 0;
        const last = place === blocks.length - 1;
        const long = childTo - childFrom > 2 * CONTEXT + 1;
        for (let i = childFrom; i < childTo; i += 1) {
          const near = (!first && i < childFrom + CONTEXT) || (!last && i >= childTo - CONTEXT);
          if (near || !long) rows.push(row(i + 1, "", child[i], ""));
          else if (i === (first ? childFrom : childFrom + CONTEXT)) {
            rows.push(page.el("div", { class: "line gap" }, `${childTo - childFrom - (first || last ? CONTEXT : 2 * CONTEXT)} unchanged lines`));
          }
        }
        return;
      }
      for (let i = from; i < to; i += 1) rows.push(row(null, "−", parent[i], "removed"));
      for (let i = childFrom; i < childTo; i += 1) rows.push(row(i + 1, "+", child[i], "inserted"));
    });
    if (blocks.every(([kind]) => kind === "equal")) return page.el("p", { class: "note" }, "The child is the same as its parent.");
    return page.el("pre", { class: "program " + language, tabindex: "0", "aria-label": "changes to the parent" }, rows);
  };
}
