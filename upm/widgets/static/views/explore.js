// A free hand with the balance model: a plan to begin with, the dials, and what comes of both.

kinds.explore = {
  label: () => "explore",
  keeps: true,

  answer({ content, words, changed, say, look }) {
    const figure = chart(words);
    const [told, gains] = [h("p", { class: "upm-told" }), h("div")];
    const plan = planner({ content, words, say, changed: moved });
    const dials = content.dials.map((dial) => {
      const [id, ends] = [newId(), newId()];
      const value = h("span", { class: "upm-points", "aria-hidden": "true" }); // the dial says it
      const input = h("input", { type: "range", id, min: dial.low, max: dial.high, step: dial.step,
        "aria-describedby": ends, oninput: () => { value.textContent = input.value; moved(); } });
      const set = (number) => { input.value = number; value.textContent = input.value; };
      return { dial, input, set, row: h("div", { class: "upm-dial" },
        h("label", { for: id, html: dial.text }), input, value,
        h("span", { id: ends, class: "upm-small" }, dial.ends)) };
    });
    const presets = select(words.play.begin_with, words.play.choose,
      content.options.map(({ id, text }) => [id, plain(text)]), (id) => {
        const preset = content.options.find((each) => each.id === id);
        if (preset) { put(preset); moved(); }
      });

    function get() {
      return { plan: plan.get(), dials: Object.fromEntries(
        dials.map(({ dial, input }) => [dial.id, Number(input.value)])) };
    }
    const whole = () => plan.begun().length === content.phases;
    function moved() {
      changed();
      if (whole()) look(get());
    }
    function put(response) {
      plan.set(response.plan);
      for (const { dial, set } of dials) set(response.dials[dial.id]);
    }
    put(content.options[0]);
    return {
      body: [label(content), presets.row, plan.tabs, plan.rows, ...dials.map(({ row }) => row),
             told, gains, figure.body],
      get,
      set(response) {
        put(response);
        if (whole()) look(get());
      },
      show(shown) {
        told.textContent = fill(words.play.told, shown);
        gains.replaceChildren(gainBars(words, shown.gains));
        figure.show(shown);
      },
      ready: whole,
      left: () => (whole() ? "" : plan.left() || words.play.all_phases),
    };
  },

  reveal({ content, words, response, shown }) {
    const figure = chart(words);
    figure.show(shown);
    return {
      body: [label(content), h("p", {}, fill(words.play.told, shown)),
        h("ul", {}, content.dials.map(({ id, text }) =>
          h("li", {}, h("span", { html: text }), `: ${response.dials[id]}`))),
        gainBars(words, shown.gains), figure.body, planTable(content, words, response.plan)],
      summary: "",
    };
  },
};
