import type * as vscode from "vscode";
import { renderEvent } from "../observability/log.ts";
import type { Log, LogFields } from "../services.ts";

/** A log that writes to a channel of the editor, which adds time and level and leaves out what is below its own level. */
export const createChannelLog = (channel: Pick<vscode.LogOutputChannel, keyof Log>): Log => {
  const at = (level: keyof Log) => (event: string, fields: LogFields = {}): void => channel[level](renderEvent(event, fields));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};
