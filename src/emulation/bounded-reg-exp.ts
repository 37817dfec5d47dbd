import { createContext, Script } from "node:vm";

/** What JSON Schema needs of a regular expression. */
export interface BoundedRegExp {
  test(text: string): boolean;
  /** The expression as it was written: ajv tells patterns apart by it. */
  toString(): string;
}

/** How long one text may take; a good pattern needs a thousandth of it. */
const patienceMs = 100;

/** A regular expression that a stranger wrote: what it takes too long for counts as not matching, instead of stopping the process. */
export const createBoundedRegExp = (pattern: string, flags: string): BoundedRegExp => {
  // A pattern that is none is found here, when the schema is compiled.
  const expression = new RegExp(pattern, flags);
  return {
    test(text) {
      try {
        return matching.runInContext(createContext({ expression, text }), { timeout: patienceMs }) === true;
      } catch {
        return false;
      }
    },
    toString: () => String(expression),
  };
};

const matching = new Script("expression.test(text)");
