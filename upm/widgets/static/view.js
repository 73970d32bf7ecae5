// The widget: hands the model to the form that it names.

export default {
  render({ model, el }) {
    return forms[model.get("form")](model, el);
  },
};
