import { createContext, Script } from "node:vm";

/**
 * What `work` gives, if it does so within `ms`; else it is stopped wherever it is, also within a regular expression, and an
 * error with the code `ERR_SCRIPT_EXECUTION_TIMEOUT` is thrown. For work whose length a stranger decides: nothing else can
 * stop it without a thread of its own. It must not be asynchronous.
 */
export const runBounded = <Result>(work: () => Result, ms: number): Result => {
  context["work"] = work;
  try {
    return call.runInContext(context, { timeout: ms }) as Result;
  } finally {
    delete context["work"];
  }
};

const context = createContext({});
const call = new Script("work()");
