"use strict";
// The page's one global. Every text of a run goes through `page.el` or `page.svg` into text nodes and attributes
// of this list: nothing is ever parsed as HTML.
const page = {};

{
  const SVG = "http://www.w3.org/2000/svg";
  const URL_ATTRIBUTES = new Set(["href"]); // only ever a route of this page, which begins with #

  function build(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined || value === null || value === false) continue;
      if (typeof value === "function") node.addEventListener(name, value);
      else if (URL_ATTRIBUTES.has(name) && !String(value).startsWith("#")) throw new Error("not a route: " + name);
      else if (name.startsWith("on") || name === "style" || name === "src" || name === "srcdoc") throw new Error(name);
      else node.setAttribute(name, value === true ? "" : String(value));
    }
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  }

  /** An HTML element: attributes by name, functions as listeners, children as nodes or texts. */
  page.el = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);

  /** An SVG element. */
  page.svg = (tag, attributes = {}, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

  /** The picture of a PNG's base64 text (the server has checked that it is one). */
  page.png = (base64, name) => {
    const image = page.el("img", { alt: name, class: "picture" });
    image.src = "data:image/png;base64," + base64;
    return image;
  };

  /** A select box; `choices` are [value, label]. */
  page.select = (label, choices, chosen, change) => {
    const select = page.el(
      "select",
      { "aria-label": label, change: (event) => change(event.target.value) },
      choices.map(([value, text]) => page.el("option", { value, selected: String(value) === String(chosen) }, text)),
    );
    return page.el("label", { class: "choice" }, page.el("span", {}, label), select);
  };

  /** The value of a colour of the style sheet, for canvases. */
  page.colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  /** A canvas of `width` x `height` CSS pixels, sharp on this screen, and its context in CSS pixels. */
  page.sharp = (canvas, width, height) => {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  };
}
