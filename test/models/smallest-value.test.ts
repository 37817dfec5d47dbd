import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { JsonObject, JsonValue } from "../../src/chat/request.ts";
import { ProxyError } from "../../src/errors.ts";
import { smallestValue } from "../../src/models/smallest-value.ts";

const smallest = suite("models/smallest-value");

const cases: readonly (readonly [what: string, schema: JsonObject, value: JsonValue])[] = [
  ["an empty schema", {}, {}],
  ["required properties only", { type: "object", properties: { a: { type: "string" }, b: { type: "number" } }, required: ["b"] }, { b: 0 }],
  ["a required property without a schema", { required: ["a"] }, { a: {} }],
  ["bounds of a string", { type: "string", minLength: 2 }, "xx"],
  ["a number that may be 0", { type: "number", minimum: -5, maximum: 5 }, 0],
  ["a number above 0", { type: "number", minimum: 0.5 }, 0.5],
  ["a number below 0", { type: "integer", maximum: -2.5 }, -3],
  ["an integer above a fraction", { type: "integer", minimum: 1.2 }, 2],
  ["an integer past an exclusive bound", { type: "integer", exclusiveMinimum: 3 }, 4],
  ["an integer below an exclusive bound", { type: "integer", exclusiveMaximum: 0 }, -1],
  ["a multiple", { type: "integer", minimum: 7, multipleOf: 5 }, 10],
  ["a boolean", { type: "boolean" }, false],
  ["null", { type: "null" }, null],
  ["the first of several types", { type: ["integer", "null"] }, 0],
  ["a constant", { const: "yes" }, "yes"],
  ["a constant null", { const: null }, null],
  ["an enum", { type: "string", enum: ["a", "b"] }, "a"],
  ["an enum whose first is null", { enum: [null, "b"] }, null],
  ["an empty list", { type: "array", items: { type: "string" } }, []],
  ["a list of so many", { type: "array", minItems: 2, items: { type: "boolean" } }, [false, false]],
  ["a tuple", { type: "array", minItems: 2, prefixItems: [{ const: 1 }], items: { type: "string" } }, [1, ""]],
  ["a list by its items alone", { items: { type: "string" } }, []],
  ["a reference, as Pydantic writes it", {
    type: "object",
    properties: { unit: { $ref: "#/$defs/Unit" } },
    required: ["unit"],
    $defs: { Unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
  }, { unit: "celsius" }],
  ["a reference through escapes", { $ref: "#/$defs/a~1b", $defs: { "a/b": { type: "integer" } } }, 0],
  ["a reference to nowhere", { $ref: "https://example.test/schema" }, {}],
  ["the first of alternatives", { anyOf: [{ type: "integer" }, { type: "null" }] }, 0],
  ["all of several", { allOf: [{ properties: { a: { type: "string" } }, required: ["a"] }, { properties: { b: { type: "null" } }, required: ["b"] }] }, { a: "", b: null }],
  ["lengths that make no sense", { type: "string", minLength: -1 }, ""],
];

for (const [what, schema, value] of cases) {
  smallest(what, () => assert.equal(smallestValue(schema), value));
}

const hostile: readonly (readonly [what: string, schema: JsonObject])[] = [
  ["a billion items", { type: "array", minItems: 1_000_000_000, items: {} }],
  ["more items than there are numbers", { type: "array", minItems: Infinity }],
  ["a string of a gigabyte", { type: "string", minLength: 1_000_000_000 }],
  ["items in items", Array.from({ length: 9 }).reduce<JsonObject>((items) => ({ type: "array", minItems: 9, items }), { type: "null" })],
  ["a list that must hold itself", { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] }],
  ["a reference to itself", { $ref: "#" }],
  ["references that double", { allOf: [{ $ref: "#" }, { $ref: "#" }] }],
  ["100,000 levels", Array.from({ length: 100_000 }).reduce<JsonObject>((a) => ({ type: "object", properties: { a }, required: ["a"] }), {})],
];

for (const [what, schema] of hostile) {
  smallest(`refuses ${what}, naming tools`, () => {
    assert.throws(() => smallestValue(schema), (error: unknown) => error instanceof ProxyError && error.status === 400 && error.param === "tools");
  });
}

smallest.run();
