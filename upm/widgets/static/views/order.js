// Put cards in order, by two arrows on each.

kinds.order = {
  label: () => "order",

  answer({ content, words, changed, say }) {
    const list = h("ol", { class: "upm-order" });
    let ids = content.options.map((option) => option.id);
    let moved = false;
    const cards = new Map(content.options.map((option) => {
      const card = plain(option.text);
      const button = (step, words_, arrow) =>
        h("button", { type: "button", class: "upm-arrow", "aria-label": fill(words_, { card }),
                      onclick: (event) => move(option.id, step, event.currentTarget) },
          sign(arrow));
      return [option.id, h("li", {},
        h("span", { html: option.text }),
        h("span", { class: "upm-arrows" },
          button(-1, words.button.up, "↑"), button(1, words.button.down, "↓")))];
    }));
    const draw = () => list.append(...ids.map((id) => cards.get(id)));

    function move(id, step, button) {
      const from = ids.indexOf(id);
      const to = Math.min(Math.max(from + step, 0), ids.length - 1);
      ids.splice(to, 0, ...ids.splice(from, 1));
      moved ||= from !== to;
      draw();
      button.focus();
      const card = plain(cards.get(id).firstChild.innerHTML);
      say(fill(words.order.moved, { card, place: to + 1, all: ids.length }));
      changed();
    }

    draw();
    return {
      body: [h("p", { class: "upm-end" }, content.first), list,
             h("p", { class: "upm-end" }, content.last)],
      get: () => [...ids],
      set: (order) => {
        if (order.toSorted().join() !== ids.toSorted().join()) throw new Error("other cards");
        ids = [...order];
        moved = true;
        draw();
      },
      ready: () => moved && ids.some((id, i) => id !== content.options[i].id),
      left: () => (moved ? words.order.ready : words.order.left),
    };
  },

  reveal({ content, words, feedback }) {
    const text = new Map(content.options.map((option) => [option.id, option.text]));
    const given = [...feedback.options].sort((one, other) => one.given - other.given);
    const scored = given.filter((each) => each.verdict !== "discussed");
    const pairs = scored.flatMap((above, i) => scored.slice(i + 1)
      .filter((below) => above.key !== below.key).map((below) => above.key < below.key));
    return {
      body: [h("p", { class: "upm-end" }, content.first),
        h("ol", { class: "upm-order" }, given.map((each) =>
          h("li", { class: "upm-shown" },
            h("div", { html: text.get(each.option) }),
            h("div", { class: "upm-compare" },
              h("span", { class: "upm-chip" }, sign("●"),
                fill(words.order.you, { place: each.given })),
              each.key === null ? null : h("span", { class: "upm-chip" }, sign("○"),
                fill(words.order.key, { place: each.key })),
              verdict(words, each.verdict)),
            h("p", { class: "upm-why", html: each.text })))),
        h("p", { class: "upm-end" }, content.last)],
      summary: fill(words.summary.ordered, { right: pairs.filter(Boolean).length, all: pairs.length }),
    };
  },
};
