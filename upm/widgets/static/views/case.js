// The learner's own case, in their own words.

kinds.case = {
  label: () => "case",
  keeps: true,

  answer({ content, words, changed }) {
    const fields = content.options.map((option) => {
      const [id, example] = [newId(), newId()];
      const area = h("textarea", { id, rows: 3, maxlength: content.longest,
                                   "aria-describedby": example, oninput: changed });
      return { option, area, body: h("div", { class: "upm-field" },
        h("label", { for: id, html: option.text }), area,
        h("p", { class: "upm-why", id: example },
          fill(words.case.example, { example: option.example }))) };
    });
    return {
      body: fields.map(({ body }) => body),
      get: () => Object.fromEntries(
        fields.filter(({ area }) => area.value.trim()).map(({ option, area }) =>
          [option.id, area.value.trim()])),
      set: (response) => fields.forEach(({ option, area }) =>
        (area.value = response[option.id] ?? "")),
      ready: () => fields.some(({ area }) => area.value.trim()),
      left: () => words.case.left,
    };
  },

  reveal({ content, words, response }) {
    return {
      body: content.options.map((option) =>
        h("div", { class: "upm-shown" },
          h("div", { class: "upm-why", html: option.text }),
          response[option.id] ? h("p", { class: "upm-own" }, response[option.id])
            : h("p", {}, words.case.empty))),
      summary: "",
    };
  },
};
