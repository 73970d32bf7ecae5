// Choose one answer, or several.

kinds.choice = {
  label: (content) => (content.select === "one" ? "choice_one" : "choice_several"),

  answer({ content, words, changed }) {
    const group = newId();
    const type = content.select === "one" ? "radio" : "checkbox";
    const inputs = content.options.map((option) =>
      h("input", { type, name: group, value: option.id, onchange: changed }));
    return {
      body: content.options.map((option, i) =>
        h("label", { class: "upm-choice" }, inputs[i], h("span", { html: option.text }))),
      get: () => inputs.filter((input) => input.checked).map((input) => input.value),
      set: (picked) => inputs.forEach((input) => (input.checked = picked.includes(input.value))),
      ready: () => inputs.some((input) => input.checked),
      left: () => words.choice[content.select === "one" ? "left_one" : "left_several"],
    };
  },

  reveal({ content, words, feedback }) {
    const several = content.select === "several";
    const scored = feedback.options.filter((each) => each.verdict !== "discussed");
    const right = scored.filter((each) => ["right", "left"].includes(each.verdict)).length;
    return {
      body: feedback.options.map((each, i) =>
        h("div", { class: `upm-shown${each.given ? " upm-given" : ""}` },
          h("div", { html: content.options[i].text }),
          h("div", { class: "upm-compare" },
            each.given ? h("span", { class: "upm-chip" }, sign("●"), words.choice.you) : null,
            each.key === 3 && each.verdict !== "discussed"
              ? h("span", { class: "upm-chip" }, sign("○"), words.choice.key) : null,
            several || each.given || each.verdict === "discussed"
              ? verdict(words, each.verdict, several ? words.ticked : {}) : null),
          h("p", { class: "upm-why", html: each.text }))),
      summary: several
        ? fill(words.summary.several_right, { right, all: scored.length })
        : words.summary.one_right,
    };
  },
};
