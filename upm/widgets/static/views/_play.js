// What the kinds that are played in the balance model share: plan, levels, figure, numbers.

const PLOTLY = "application/vnd.plotly.v1+json";
let found = null;

/** Plotly as JupyterLab brings it along. Null: elsewhere the numbers stand for the figure. */
async function plotly() {
  const extension = globalThis._JUPYTERLAB?.["jupyterlab-plotly"];
  if (!extension) return null;
  const { rendererFactory } = (await extension.get("./mimeExtension"))();
  const renderer = rendererFactory.createRenderer({ mimeType: PLOTLY });
  // It loads Plotly with the first figure; this one is empty and never seen.
  await renderer.renderModel({ data: { [PLOTLY]: { data: [], layout: {} } }, setData() {} });
  return renderer.constructor.Plotly;
}

/** The figure of a run and, below it, the same in numbers. */
function chart(words) {
  const host = h("div", { class: "upm-chart", role: "img" });
  const tables = h("div", { class: "upm-numbers" });
  const details = h("details", { ontoggle: tell }, h("summary", {}, words.play.numbers), tables);
  let traces = []; // of the figure, which the tables tell as well
  let latest = null; // what to show, while Plotly still draws what came before
  let drawing = false;
  let drawn = null; // all of the figure that is drawn now but its heights

  const lines = () => [...new Set(traces.map(({ legendgroup }) => legendgroup))]
    .map((name) => traces.filter(({ legendgroup }) => legendgroup === name));

  function tell() {
    tables.replaceChildren(...(details.open ? lines().map((line) => table(words, line)) : []));
  }

  async function draw() {
    if (drawing) return;
    drawing = true;
    found ??= plotly().catch((error) => console.warn("upm: no figures here", error));
    const library = await found;
    host.hidden = !library;
    details.open ||= !library;
    while (library && latest) {
      const { data, layout } = latest;
      latest = null;
      const shape = JSON.stringify([layout, data.map(({ x }) => x)]);
      if (shape === drawn) {
        // Twice as fast as drawing all of it anew, which a dial would feel.
        await library.animate(host, { data: data.map(({ y }) => ({ y })) },
          { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } });
      } else {
        const color = getComputedStyle(host).color;
        await library.react(host, data, { ...layout, font: { ...layout.font, color } },
          { displayModeBar: false, responsive: true });
      }
      drawn = shape;
      host.dataset.drawn = String(Number(host.dataset.drawn ?? 0) + 1);
    }
    drawing = false;
  }

  return {
    body: h("div", { class: "upm-figure" }, host, details),
    show(shown) {
      traces = shown.figure.data;
      host.setAttribute("aria-label", fill(words.play.figure,
        { names: lines().map(([{ legendgroup }]) => legendgroup).join(", ") }));
      tell();
      latest = shown.figure;
      draw();
    },
  };
}

/** The traces of one line as a table: a row for each week. */
function table(words, line) {
  const weeks = [...new Set(line.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const level = ({ x, y }, week) => (x.includes(week) ? Math.round(y[x.indexOf(week)]) : "–");
  return h("table", {}, h("caption", {}, line[0].legendgroup),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, words.play.week),
      line.map(({ meta }) => h("th", { scope: "col" }, meta)))),
    h("tbody", {}, weeks.map((week) => h("tr", {}, h("th", { scope: "row" }, week),
      line.map((trace) => h("td", {}, level(trace, week)))))));
}

/** What the model is, always in view. */
const label = (content) => h("p", { class: "upm-label", role: "note" }, content.label);

const weeksOf = (content, words, phase) => fill(words.play.weeks,
  { from: phase * content.weeks + 1, to: (phase + 1) * content.weeks });

/** Ten points for each phase: one phase at a time, by the steppers of `allocate`. */
function planner({ content, words, changed, say }) {
  const ids = content.pillars.map(({ id }) => id);
  const sum = (points) => points.reduce((all, each) => all + each, 0);
  const plan = Array.from({ length: content.phases }, () => ids.map(() => 0));
  const group = newId();
  let at = 0;
  const steppers = kinds.allocate.answer({ words, say,
    content: { options: content.pillars, points: content.points },
    changed() {
      const { points } = steppers.get();
      plan[at] = ids.map((id) => points[id]);
      draw();
      changed();
    } });
  const tabs = h("div", { class: "upm-bins upm-phases", role: "group",
                          "aria-label": words.play.phases });
  const pills = plan.map((_, phase) => {
    const input = h("input", { type: "radio", name: group, onchange: () => planner.go(phase) });
    const points = h("span", { class: "upm-small" });
    tabs.append(h("label", {}, input, h("span", {}, weeksOf(content, words, phase)), points));
    return { input, points };
  });

  function draw() {
    pills.forEach(({ input, points }, phase) => {
      input.checked = phase === at;
      points.textContent = sum(plan[phase]) === content.points ? plan[phase].join(" ") : "…";
    });
  }

  const planner = {
    tabs,
    rows: h("div", { class: "upm-steppers" }, steppers.body),
    whole: (phase) => sum(plan[phase]) === content.points,
    /** The phases before the first that is not whole. */
    begun() {
      const end = plan.findIndex((points) => sum(points) !== content.points);
      return plan.slice(0, end < 0 ? plan.length : end);
    },
    left: () => steppers.left(),
    get: () => plan.map((points) => [...points]),
    set(points) {
      points.forEach((each, phase) => (plan[phase] = [...each]));
      planner.go(at);
    },
    go(phase) {
      at = phase;
      steppers.set({ points: Object.fromEntries(ids.map((id, i) => [id, plan[at][i]])) });
      draw();
      planner.onGo?.(phase);
    },
    get at() { return at; },
  };
  draw();
  return planner;
}

/** The plan as a table, beside the best one if it is given. */
function planTable(content, words, plan, best = null) {
  const row = (name, points, style) => h("tr", { class: style },
    h("th", { scope: "row" }, name), points.map((each) => h("td", {}, each)));
  return h("table", { class: "upm-plan" },
    h("thead", {}, h("tr", {}, h("td", {}),
      content.pillars.map(({ text }) => h("th", { scope: "col", html: text })))),
    h("tbody", {}, plan.flatMap((points, phase) => [
      row(weeksOf(content, words, phase), points),
      best ? row(words.play.best, best[phase], "upm-of-best") : null])));
}

/** How far the learner and the organisation have come, as bars. */
function gainBars(words, gains, best = null) {
  const bar = (value, style) => h("i", { class: style, style: `width: ${value}%` });
  return h("div", { class: "upm-gains" }, ["own", "organisation"].map((who) => h("div", {},
    h("span", {}, words.play[who]),
    h("div", { class: "upm-pair", "aria-hidden": "true" }, bar(gains[who], "upm-you"),
      best ? bar(best[who], "upm-key") : null),
    h("span", { class: "upm-small" }, best
      ? fill(words.play.compared, { you: gains[who], best: best[who] })
      : fill(words.play.level, { level: gains[who] })))));
}

/** A labelled list to choose from, on nothing at first. */
function select(text, nothing, entries, chosen) {
  const id = newId();
  const field = h("select", { id, onchange: () => chosen(field.value || null) },
    h("option", { value: "" }, nothing),
    entries.map(([value, name]) => h("option", { value }, name)));
  return { field, row: h("div", { class: "upm-field" }, h("label", { for: id }, text), field) };
}
