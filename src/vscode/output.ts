import type * as vscode from "vscode";
import { renderEvent } from "../observability/log.ts";
import type { Log, LogFields } from "../services.ts";

/**
 * A log that writes to a channel of the editor, which adds time and level and leaves out what is below its own level.
 * While it is not enabled, only warnings and errors are written.
 */
export const createChannelLog = (channel: Pick<vscode.LogOutputChannel, keyof Log>, isEnabled: () => boolean): Log => {
  const always = (level: keyof Log) => (event: string, fields: LogFields = {}): void => channel[level](renderEvent(event, fields));
  const whileEnabled = (level: keyof Log): Log["info"] => {
    const write = always(level);
    return (event, fields) => {
      if (isEnabled()) write(event, fields);
    };
  };
  return { debug: whileEnabled("debug"), info: whileEnabled("info"), warn: always("warn"), error: always("error") };
};
