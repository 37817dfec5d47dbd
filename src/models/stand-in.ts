import { createEchoModel, defaultEchoOptions } from "./echo.ts";
import type { Clock } from "../services.ts";
import type { ModelHost } from "./host.ts";

/**
 * Answers for every selector where there is no editor, so that a file made for VS Code can be tried in a terminal. Its
 * model goes by its own name, echo/echo, wherever answers are told apart.
 */
export const createStandInHost = (clock: Clock): ModelHost => {
  const model = createEchoModel(defaultEchoOptions, clock);
  return {
    name: "stand-in",
    resolve: async () => ({ model }),
    listModels: async () => [model],
    dispose() {},
  };
};
