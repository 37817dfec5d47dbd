// uvu as test files see it under the runner: the same functions, with an account of what was declared and what ran.
import { writeSync } from "node:fs";
import { inspect } from "node:util";
import * as uvu from "uvu";
import type { Callback, Test } from "uvu";
import type { TestEvent } from "./events.ts";

/** A handle that is closing gets this long after the totals; what is still open then is reported as a leak. */
const graceMs = 3000;

type Hook<State> = Test<State>["before"];

/** The cases of one suite that no `.run()` has taken yet. */
interface Declared {
  readonly name: string;
  cases: number;
}
const declared: Declared[] = [];

const tell = (event: TestEvent): void => {
  writeSync(3, `${JSON.stringify(event)}\n`);
};

const titled = (suiteName: string, name: string): string => (suiteName === "" ? name : `${suiteName} > ${name}`);

const watchHook =
  <State>(name: string, add: (hook: Callback<State>) => void) =>
  (hook: Callback<State>): void =>
    add(async (state) => {
      try {
        await hook(state);
      } catch (error) {
        tell({ event: "hook-error", name, error: inspect(error) });
        throw error;
      }
    });

const watchHooks = <State>(name: string, hooks: Hook<State>): Hook<State> =>
  Object.assign(watchHook<State>(name, hooks), { each: watchHook<State>(`${name}.each`, (hook) => hooks.each(hook)) });

const watchCases =
  <State>(suiteOf: Declared, add: (name: string, handler: Callback<State>) => void) =>
  (name: string, handler: Callback<State>): void => {
    const title = titled(suiteOf.name, name);
    suiteOf.cases += 1;
    add(name, async (state) => {
      tell({ event: "begin", name: title });
      await handler(state);
      tell({ event: "pass", name: title });
    });
  };

const watch = <State>(name: string, inner: Test<State>): Test<State> => {
  const account: Declared = { name, cases: 0 };
  declared.push(account);
  const only = watchCases<State>(account, (title, handler) => inner.only(title, handler));
  return Object.assign(watchCases<State>(account, inner), {
    before: watchHooks(titled(name, "before"), inner.before),
    after: watchHooks(titled(name, "after"), inner.after),
    only: (title: string, handler: Callback<State>): void => {
      tell({ event: "only", name: titled(name, title) });
      only(title, handler);
    },
    skip: (title = "a case without a name"): void => {
      tell({ event: "skip", name: titled(name, title) });
      inner.skip();
    },
    run: (): void => {
      if (account.cases === 0) tell({ event: "empty", name });
      account.cases = 0;
      inner.run();
    },
  });
};

export const suite = <State = Record<string, unknown>>(name = "", state?: State): Test<State> =>
  watch(name, uvu.suite<State>(name, state));
export const test: Test = watch("", uvu.test);
export const exec = uvu.exec;

const endLeak = (): void => {
  tell({ event: "leak", handles: process.getActiveResourcesInfo() });
  process.exit(1);
};

// uvu calls nothing when it is done, but its totals are the last it prints; nothing should keep the process alive after them.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (chunk: string | Uint8Array, ...rest: []) => {
  if (typeof chunk === "string" && chunk.includes("\n  Duration:  ")) setTimeout(endLeak, graceMs).unref();
  return write(chunk, ...rest);
};

process.on("exit", () => {
  for (const { name, cases } of declared) if (cases > 0) tell({ event: "never-run", name, cases });
});
