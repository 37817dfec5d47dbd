const empty = "\0omitted";

/** A rollup plugin that leaves out modules which a package would import in a case that this project never asks it for. */
export const omit = (names) => ({
  name: "omit",
  resolveId: (name) => (names.includes(name) ? empty : null),
  load: (id) => (id === empty ? "export const isOmitted = true;" : null),
});
