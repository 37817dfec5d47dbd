import { createConnections } from "../../src/models/openai-upstream/connections.ts";
import type { Log, LogFields, Services } from "../../src/services.ts";
import { createHandClock, type HandClock } from "./hand-clock.ts";

export interface LogLine {
  readonly level: keyof Log;
  readonly event: string;
  readonly fields: LogFields;
}

/** Services whose time stands still and whose log can be read. */
export interface TestServices extends Services {
  readonly clock: HandClock;
  readonly lines: readonly LogLine[];
}

/** Request ids count up: `req-1`, `req-2`. */
export const createTestServices = (): TestServices => {
  const lines: LogLine[] = [];
  let ids = 0;
  const at = (level: keyof Log) => (event: string, fields: LogFields = {}): void => void lines.push({ level, event, fields });
  return {
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    clock: createHandClock(),
    connections: createConnections(),
    newId: () => `req-${(ids += 1)}`,
    version: "0.0.0",
    lines,
  };
};
