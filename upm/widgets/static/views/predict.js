// Predict what a run of the balance model shows, then see it.

kinds.predict = {
  label: () => "predict",
  factual: true,

  answer({ content, words, changed }) {
    const form = kinds.choice.answer({ content: { ...content, select: "one" }, words, changed });
    return { ...form, body: [label(content), ...form.body] };
  },

  reveal({ content, words, feedback, shown }) {
    const figure = chart(words);
    figure.show(shown);
    const given = feedback.options.find((each) => each.given);
    return {
      outcome: words.predict[given.verdict],
      summary: shown.text,
      body: [
        label(content),
        figure.body,
        ...feedback.options.map((each, i) =>
          h("div", { class: `upm-shown${each.given ? " upm-given" : ""}` },
            h("div", { html: content.options[i].text }),
            h("div", { class: "upm-compare" },
              each.given ? h("span", { class: "upm-chip" }, sign("●"), words.predict.you) : null,
              each.verdict === "right"
                ? h("span", { class: "upm-chip" }, sign("○"), words.predict.model) : null),
            each.given || each.verdict === "right"
              ? h("p", { class: "upm-why", html: each.text }) : null))],
    };
  },
};
