/**
 * The schema as json-schema-to-typescript can read it: the shapes that it tells apart by `if`, `then` and `else` (by type, or as two definitions) become `anyOf`,
 * and `allOf` of one definition that definition. What only rules a value out (a pattern, a combination of properties) is left out, for no
 * type can say it, and so is `x-*`, which would turn every misspelt name into a valid one.
 */
export const plainShapes = (schema) => {
  const resolve = (node) =>
    node.$ref === undefined ? node : resolve(schema.definitions[node.$ref.replace("#/definitions/", "")]);
  const plain = (node) => {
    if (Array.isArray(node)) return node.map(plain);
    if (typeof node !== "object" || node === null) return node;
    const { if: test, then: thenShape, else: elseShape, allOf, patternProperties: _, not: __, ...rest } = node;
    if (allOf !== undefined) return plain({ ...resolve(allOf[0]), ...rest });
    if (test?.type !== undefined && Array.isArray(node.type)) {
      const { type, ...words } = rest;
      const others = type.filter((other) => other !== test.type);
      return { ...words, anyOf: [plain(withType(thenShape, [test.type])), plain(withType(elseShape, others))] };
    }
    if (thenShape?.$ref !== undefined && elseShape?.$ref !== undefined) {
      return { description: rest.description, anyOf: [thenShape, elseShape] };
    }
    return Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [name, annotations.has(name) ? value : plain(value)]),
    );
  };
  return plain(schema);
};

/** Keywords whose values are data rather than schemas. */
const annotations = new Set(["default", "examples", "enum", "const"]);

/** A branch knows its type from the `if` that leads to it, unless it names one. */
const withType = (branch = {}, types) =>
  ["$ref", "type", "enum", "const"].some((keyword) => keyword in branch)
    ? branch
    : { type: types.length === 1 ? types[0] : types, ...branch };
