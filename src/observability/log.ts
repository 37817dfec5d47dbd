import type { Log, LogFields } from "../services.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One line at a time, without its line break. */
export type LogSink = (level: LogLevel, line: string) => void;

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A log that renders to lines: `text` for people, `json` for machines. Lines below `level` are not made. */
export const createLog = (sink: LogSink, { level, format }: { readonly level: LogLevel; readonly format: "text" | "json" }): Log => {
  const threshold = levels.indexOf(level);
  const render = format === "json" ? renderJson : renderText;
  const at = (lineLevel: LogLevel) => (event: string, fields: LogFields = {}): void => {
    if (levels.indexOf(lineLevel) >= threshold) sink(lineLevel, render(lineLevel, event, fields));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};

const renderJson = (level: LogLevel, event: string, fields: LogFields): string =>
  JSON.stringify({ time: new Date().toISOString(), level, event, ...fields });

const renderText = (level: LogLevel, event: string, fields: LogFields): string =>
  `${new Date().toISOString()} ${level.padEnd(5)} ${renderEvent(event, fields)}`;

/** `request route=/v1 status=200`: an event and its fields on one line. */
export const renderEvent = (event: string, fields: LogFields): string => {
  let line = event;
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) line += ` ${name}=${renderValue(value)}`;
  return line;
};

/** Bare where it reads well; quoted, and so on one line, where it holds anything else. */
const renderValue = (value: NonNullable<LogFields[string]>): string => {
  const text = typeof value === "object" ? value.join(",") : String(value);
  return /^[\w./:@*+-]+$/.test(text) ? text : JSON.stringify(text);
};
