// Items one after the other: the test before and after, and the capstone.

forms.series = (model, el) => {
  const [{ part }, words] = [model.get("content"), model.get("words")];
  const titleId = newId();
  const place = h("p", { class: "upm-small", "aria-live": "polite" });
  const bar = h("i");
  const title = h("h3", { id: titleId, class: "upm-title", tabindex: "-1" }, words.series[part]);
  const host = h("div");
  const result = h("div", { class: "upm-result" });
  const back = button("back", () => show(at - 1));
  const forward = button("next", () => show(at + 1));
  const head = h("section", { class: "upm upm-card upm-series", "aria-labelledby": titleId,
                              "data-lm-suppress-shortcuts": "true" },
    title, h("div", { class: "upm-bar", "aria-hidden": "true" }, bar), place,
    h("div", { class: "upm-actions" }, back, forward), result);
  el.append(head, host);
  head.addEventListener("keydown", (event) => event.stopPropagation());

  let at = null; // which item is shown; their number: the result
  let learner = model.get("state").learner;
  let shown = null; // {id, changed, told, tidy} of the item on the page
  const items = () => model.get("state").items;

  function button(word, onclick) {
    return h("button", { type: "button", class: "upm-quiet", onclick }, words.button[word]);
  }

  /** One item of the series as the model of an exercise of its own. */
  function exercise(id) {
    const heard = {};
    const item = () => items().find(({ content }) => content.id === id);
    const tidy = forms.exercise({
      get: (name) => name === "content"
        ? { ...item().content, pillar: "course", place: words.series[part] }
        : name === "state" ? item().state : model.get(name),
      on: (event, listener) => (heard[event] = listener),
      off: (event) => delete heard[event],
      send: (message) => model.send({ ...message, item: id }),
      next: () => show(at + 1),
    }, host);
    return { id, tidy, changed: () => heard["change:state"]?.(),
             told: (message) => heard["msg:custom"]?.(message) };
  }

  function show(place, move = true) {
    at = Math.max(0, Math.min(place, items().length));
    draw();
    if (!move) return;
    const goal = host.querySelector(".upm-title") ?? title;
    goTo(at < items().length ? host : head, goal);
  }

  function draw() {
    const state = model.get("state");
    const first = items().findIndex((item) => !item.state.checked);
    at ??= first < 0 ? items().length : first;
    const item = items()[at];
    place.textContent = !state.learner ? words.series.nobody
      : item ? fill(words.series.place, { now: at + 1, all: items().length }) : "";
    const answered = items().filter((each) => each.state.checked).length;
    bar.style.width = `${(100 * answered) / Math.max(items().length, 1)}%`;
    back.hidden = at === 0;
    forward.hidden = !item;
    forward.textContent = words.button[at === items().length - 1 ? "result" : "next"];
    if (shown?.id !== item?.content.id) {
      shown?.tidy();
      host.replaceChildren();
      shown = item ? exercise(item.content.id) : null;
    } else shown?.changed();
    result.replaceChildren(...(state.learner && !item ? results(state) : []));
  }

  function results(state) {
    if (part === "capstone") return [...goals(state), button("another", () => {
      at = null;
      model.send({ do: "another" });
    })];
    if (!state.done) {
      const left = items().filter((item) => !item.state.checked).length;
      return [h("p", {}, fill(words.series.left, { left, all: items().length }))];
    }
    const two = (number) => number.toFixed(2);
    return [h("p", {}, state.result
      ? fill(words.series.done_test, { before: two(state.result.before), after: two(state.result.after) })
      : words.series[part === "before" ? "done_before" : "done_after"])];
  }

  function goals(state) {
    const shownAs = (goal, value) => goal.name === "writing" ? String(value) : `${Math.round(100 * value)} %`;
    const passed = state.result.goals.every((goal) => goal.met);
    return [
      passed ? h("p", {}, h("b", {}, words.series.passed)) : null,
      h("ul", {}, state.result.goals.map((goal) => h("li", {},
        fill(words.series[goal.name], {
          needed: shownAs(goal, goal.needed),
          reached: goal.reached === null ? words.series.open : shownAs(goal, goal.reached) }), " ",
        h("b", {}, sign(goal.met ? "✓" : "○"), words.series[goal.met ? "met" : "unmet"])))),
    ].filter(Boolean);
  }

  function changed() {
    const state = model.get("state");
    const another = state.items[at]?.content.id !== shown?.id;
    if (another || state.learner !== learner) at = null; // begin where that learner stands
    learner = state.learner;
    draw();
  }
  const told = (message) => shown?.told(message);
  model.on("change:state", changed);
  model.on("msg:custom", told);
  draw();
  return () => {
    shown?.tidy();
    model.off("change:state", changed);
    model.off("msg:custom", told);
  };
};
