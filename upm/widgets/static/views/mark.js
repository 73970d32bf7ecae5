// Mark the passages of a text.

kinds.mark = {
  label: () => "mark",

  letter: (content, passages) =>
    h("div", { class: `upm-letter${content.lines ? " upm-lines" : ""}` },
      passages.flatMap((passage) => [passage, " "])),

  answer({ content, words, changed }) {
    const pressed = (passage) => passage.getAttribute("aria-pressed") === "true";
    const toggle = (passage) => {
      passage.setAttribute("aria-pressed", String(!pressed(passage)));
      changed();
    };
    // Spans, since a button's text does not wrap with the sentence around it.
    const passages = content.options.map((option) =>
      h("span", { class: "upm-passage", role: "button", tabindex: "0", "aria-pressed": "false",
                  html: option.text,
                  onclick: (event) => toggle(event.currentTarget),
                  onkeydown: (event) => {
                    if (event.key !== "Enter" && event.key !== " ") return;
                    event.preventDefault();
                    toggle(event.currentTarget);
                  } }));
    const count = () => passages.filter(pressed).length;
    return {
      body: [this.letter(content, passages)],
      get: () => content.options.filter((_, i) => pressed(passages[i])).map(({ id }) => id),
      set: (marked) => passages.forEach((passage, i) =>
        passage.setAttribute("aria-pressed", String(marked.includes(content.options[i].id)))),
      ready: () => count() > 0,
      left: () => count() === 0 ? words.mark.left
        : count() === 1 ? words.mark.count_one : fill(words.mark.count, { count: count() }),
    };
  },

  reveal({ content, words, feedback }) {
    const scored = feedback.options.filter((each) => each.verdict !== "discussed");
    const hits = scored.filter((each) => each.verdict === "right").length;
    const extra = scored.filter((each) => each.verdict === "off").length;
    const keyed = scored.filter((each) => each.key).length;
    return {
      body: [
        this.letter(content, feedback.options.map((each, i) =>
          h("span", { class: `upm-passage upm-is-${each.verdict}`, "data-given": String(each.given) },
            each.given || each.key ? sign(SIGNS[each.verdict]) : null,
            h("span", { html: content.options[i].text })))),
        h("ul", { class: "upm-reasons", "aria-label": words.mark.reasons },
          feedback.options.map((each, i) =>
            h("li", {},
              h("q", {}, plain(content.options[i].text)), " ",
              verdict(words, each.verdict, words.marked),
              h("p", { class: "upm-why", html: each.text })))),
      ],
      summary: fill(words.summary[["marked_clean", "marked_one"][extra] ?? "marked"], { hits, keyed, extra }),
    };
  },
};
