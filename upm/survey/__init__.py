"""The team survey: from any export to statistics that a psychometrician trusts."""
