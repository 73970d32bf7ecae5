// A conversation that branches: what was said so far, and what to say next.

kinds.dialogue = {
  label: () => "dialogue",
  moods: ["closed", "guarded", "open"],

  answer({ content, words, changed, say }) {
    const nodes = new Map(content.nodes.map((node) => [node.id, node]));
    const options = new Map(content.options.map((option) => [option.id, option]));
    let path = [];
    const talk = h("ol", { class: "upm-talk" });
    const next = h("div", {});
    const at = () => (path.length ? options.get(path.at(-1)).to : content.nodes[0].id);
    const open = () => content.options.filter((option) => option.at === at());

    function draw() {
      const lines = [this_.line(content, words, nodes.get(content.nodes[0].id))];
      for (const id of path) {
        lines.push(this_.own(words, options.get(id)));
        lines.push(this_.line(content, words, nodes.get(options.get(id).to)));
      }
      talk.replaceChildren(...lines);
      lines.at(-1).setAttribute("tabindex", "-1");
      next.replaceChildren(...(open().length ? choices() : [h("p", { class: "upm-small" },
        words.dialogue.over)]));
    }

    function choices() {
      const group = newId();
      const inputs = open().map((option) => h("input", { type: "radio", name: group,
        value: option.id, onchange: () => button.setAttribute("aria-disabled", "false") }));
      const button = h("button", { type: "button", class: "upm-quiet", "aria-disabled": "true",
        "data-do": "say", onclick: () => {
          const picked = inputs.find((input) => input.checked);
          if (!picked) return say(words.dialogue.left);
          path.push(picked.value);
          draw();
          const answer = talk.lastElementChild;
          answer.focus();
          changed();
        } }, words.button.say);
      return [h("div", { role: "radiogroup", "aria-label": words.dialogue.next },
        open().map((option, i) => h("label", { class: "upm-choice" }, inputs[i],
          h("span", { html: option.text })))), h("div", { class: "upm-actions" }, button)];
    }

    const this_ = this;
    draw();
    return {
      body: [talk, next],
      get: () => [...path],
      set: (said) => {
        if (!said.every((id) => options.has(id))) throw new Error("other things to say");
        path = [...said];
        draw();
      },
      ready: () => path.length > 0 && open().length === 0,
      left: () => (open().length ? words.dialogue.left : ""),
    };
  },

  line: (content, words, node) => h("li", { class: `upm-line upm-mood-${node.mood}` },
    h("span", { class: "upm-who" }, content.partner, " · ", words.mood[node.mood]),
    h("span", { html: node.text })),

  own: (words, option, ...more) => h("li", { class: "upm-line upm-mine" },
    h("span", { class: "upm-who" }, words.dialogue.you), h("span", { html: option.text }), ...more),

  reveal({ content, words, response, feedback }) {
    const nodes = new Map(content.nodes.map((node) => [node.id, node]));
    const options = new Map(content.options.map((option) => [option.id, option]));
    const judged = new Map(feedback.options.map((each) => [each.option, each]));
    const stronger = (node) => feedback.options.find((each) =>
      each.verdict === "missed" && options.get(each.option).at === node);
    const best = [];
    for (let at = content.nodes[0].id; ;) {
      const step = content.options.find((option) =>
        option.at === at && judged.get(option.id)?.key === 3);
      if (!step) break;
      best.push(step.id);
      at = step.to;
    }
    const lines = [this.line(content, words, nodes.get(content.nodes[0].id))];
    for (const id of response) {
      const [option, each] = [options.get(id), judged.get(id)];
      const instead = stronger(option.at);
      lines.push(this.own(words, option,
        h("span", { class: "upm-compare" }, verdict(words, each.verdict)),
        h("span", { class: "upm-why", html: each.text }),
        instead ? h("span", { class: "upm-instead" }, h("b", {}, words.dialogue.stronger), " ",
          h("q", {}, plain(options.get(instead.option).text)), " ",
          h("span", { class: "upm-why", html: instead.text })) : null));
      lines.push(this.line(content, words, nodes.get(option.to)));
    }
    const moods = (path) => [content.nodes[0].id, ...path.map((id) => options.get(id).to)]
      .map((id) => nodes.get(id).mood);
    const right = response.filter((id) => judged.get(id).verdict === "right").length;
    return {
      body: [h("figure", { class: "upm-figure" },
        this.plot(words, moods(response), moods(best)),
        h("figcaption", {}, fill(words.dialogue.path, {
          partner: content.partner,
          you: moods(response).map((mood) => words.mood[mood]).join(", "),
          best: moods(best).map((mood) => words.mood[mood]).join(", ") }))),
        h("ol", { class: "upm-talk" }, lines)],
      summary: fill(words.summary.talked, { right, all: response.length }),
    };
  },

  // The mood after each thing said: the learner's way as a line with dots, the best one dashed.
  plot(words, own, best) {
    const steps = Math.max(own.length, best.length, 2);
    const x = (i) => 90 + (i * 250) / (steps - 1);
    const y = (mood, shift) => 110 - this.moods.indexOf(mood) * 40 + shift;
    const way = (moods, shift) => moods.map((mood, i) => `${x(i)},${y(mood, shift)}`).join(" ");
    const dots = own.map((mood, i) => `<circle cx="${x(i)}" cy="${y(mood, 3)}" r="5"/>`).join("");
    const names = this.moods.map((mood) =>
      h("span", {}, words.mood[mood]).innerHTML).map((name, i) =>
      `<text x="4" y="${115 - i * 40}">${name}</text>`).join("");
    return h("div", { "aria-hidden": "true", html:
      `<svg class="upm-plot" viewBox="0 0 360 130"><polyline class="upm-best" points="${way(best, -3)}"/>` +
      `<polyline points="${way(own, 3)}"/>${dots}<g class="upm-names">${names}</g></svg>` });
  },
};
