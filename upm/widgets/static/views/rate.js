// Rate each action on a scale.

kinds.rate = {
  label: () => "rate",

  answer({ content, words, changed }) {
    const rows = content.options.map((option) => {
      const [group, label] = [newId(), newId()];
      const inputs = content.points.map((point) =>
        h("input", { type: "radio", name: group, value: point, onchange: changed,
                     "aria-label": words.rate[`point_${point}`] }));
      return {
        id: option.id,
        inputs,
        row: h("div", { class: "upm-row" },
          h("div", { id: label, html: option.text }),
          h("div", { class: "upm-scale", role: "radiogroup", "aria-labelledby": label },
            inputs.map((input) => h("label", {}, input, input.value)))),
      };
    });
    const rated = ({ inputs }) => inputs.find((input) => input.checked);
    const open = () => rows.filter((row) => !rated(row)).length;
    return {
      body: [h("p", { class: "upm-ends" }, words.rate.ends), ...rows.map(({ row }) => row)],
      get: () => Object.fromEntries(
        rows.filter(rated).map((row) => [row.id, Number(rated(row).value)])),
      set: (ratings) => rows.forEach(({ id, inputs }) =>
        inputs.forEach((input) => (input.checked = Number(input.value) === ratings[id]))),
      ready: () => open() === 0,
      left: () => (open() ? fill(words.rate.left, { left: open(), all: rows.length }) : ""),
    };
  },

  reveal({ content, words, feedback }) {
    const [low, high] = [content.points[0], content.points.at(-1)];
    const at = (value) => `left: ${(100 * (value - low)) / (high - low)}%`;
    const scored = feedback.options.filter((each) => each.verdict !== "discussed");
    const [right, close] = ["right", "close"].map((name) =>
      scored.filter((each) => each.verdict === name).length);
    return {
      body: feedback.options.map((each, i) => {
        const compared = words.rate[each.key === null ? "compared_discussed" : "compared"];
        return h("div", { class: "upm-row upm-rated" },
          h("div", { html: content.options[i].text }),
          h("div", { class: "upm-track" },
            hidden(fill(compared, { you: each.given, key: each.key })),
            h("span", { class: "upm-ticks", "aria-hidden": "true" },
              content.points.map((point) => h("i", { style: at(point) }, String(point)))),
            each.key === null ? null : h("i", { class: "upm-key", style: at(each.key) }),
            h("i", { class: "upm-you", style: at(each.given) })),
          h("p", { class: "upm-why" }, verdict(words, each.verdict), " ",
            h("span", { html: each.text })));
      }),
      legend: h("span", { "aria-hidden": "true" },
        sign("●"), words.rate.legend_you, " ", sign("○"), words.rate.legend_key),
      summary: fill(words.summary.rated, { right, close, all: scored.length }),
    };
  },
};
