// What every view builds with: elements, filled-in words, and the two tables of views.

const forms = {}; // form -> (model, el) => tidy up
const kinds = {}; // kind of item -> {answer, reveal}

/** An element with attributes, listeners (onclick: …) and children; `html` is trusted markup. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "html") element.innerHTML = value; // Markdown rendered by the kernel, escaped there
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** "{right} of {all}" with the values put in. */
function fill(template, values = {}) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** The plain words of rendered Markdown. */
function plain(html) {
  return h("span", { html }).textContent.trim();
}

/** Random, and the same in pages that the browser does not call secure. */
function newUid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Each widget runs a copy of this file, so counting alone would give two of them the same id.
const copy = newUid();
let lastId = 0;
const newId = () => `upm-${copy}-${++lastId}`;

const hidden = (text) => h("span", { class: "upm-hidden" }, text);
const sign = (text) => h("span", { class: "upm-sign", "aria-hidden": "true" }, text);

const SIGNS = { right: "✓", close: "≈", off: "✕", missed: "○", left: "–", discussed: "◇",
                found: "✓", asked: "?", flagged: "!" };

/** The sign and the words of a verdict on one option; a kind may have words of its own. */
function verdict(words, name, own = {}) {
  return h("span", { class: `upm-verdict upm-is-${name}` }, sign(SIGNS[name]),
    own[name] ?? words.verdict[name]);
}

/** The notebook that an element stands in; several may be open. */
const pageOf = (element) => element.closest(".jp-Notebook") ?? document;

/** Bring an element into view and put the keyboard there. */
function goTo(element, focus = element) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  if (!focus.hasAttribute("tabindex")) focus.setAttribute("tabindex", "-1");
  focus.focus({ preventScroll: true });
}
