import type { JsonObject, JsonValue } from "../chat/request.ts";
import { invalidField, type ProxyError } from "../errors.ts";

/** Reads fields of parsed JSON that nobody has checked. Each throws `invalidField` (400) with the path of what is wrong. */

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const requireObject = (value: unknown, path: string, what: string): JsonObject => {
  if (!isObject(value)) throw wrongKind(path, what, value);
  return value;
};

export const requireArray = (value: unknown, path: string, what = "a list"): readonly JsonValue[] => {
  if (!Array.isArray(value)) throw wrongKind(path, what, value);
  return value as readonly JsonValue[];
};

export const requireString = (value: unknown, path: string): string => {
  if (typeof value !== "string") throw wrongKind(path, "a string", value);
  return value;
};

/** Null counts as left out: SDKs of several languages send it for every option that was not set. */
export const optionalString = (object: JsonObject, name: string, parentPath?: string): string | undefined => {
  const value = object[name];
  return value === undefined || value === null ? undefined : requireString(value, pathOf(name, parentPath));
};

export const optionalBoolean = (object: JsonObject, name: string, parentPath?: string): boolean | undefined => {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw wrongKind(pathOf(name, parentPath), "true or false", value);
  return value;
};

export const optionalNumber = (object: JsonObject, name: string, minimum = Number.NEGATIVE_INFINITY): number | undefined => {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw wrongKind(name, "a number", value);
  if (value < minimum) throw invalidField(name, `${name} must be at least ${minimum}, not ${value}.`);
  return value;
};

const pathOf = (name: string, parentPath: string | undefined): string => (parentPath === undefined ? name : `${parentPath}.${name}`);

/** Says the kind of what is there and never its value, which may be somebody's prompt. */
const wrongKind = (path: string, what: string, value: unknown): ProxyError =>
  invalidField(path, value === undefined ? `${path} is missing: it must be ${what}.` : `${path} must be ${what}, not ${kindOf(value)}.`);

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
};

/** Names are the client's words too: a body may have any number of them, of any length. */
const mostNames = 20;
const longestName = 40;

/** The names of an object's fields that are none of those that are read, as a log bears them. */
export const unreadFields = (object: JsonObject, read: ReadonlySet<string>): readonly string[] =>
  Object.keys(object).filter((name) => !read.has(name)).slice(0, mostNames).map((name) => name.slice(0, longestName));
