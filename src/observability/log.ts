import type { Log, LogFields } from "../services.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LoggingOptions {
  /** Lines below it are not made. */
  readonly level: LogLevel;
  /** Whether prompts and answers are logged, at the level info. */
  readonly content: boolean;
}

/** One line at a time, without its line break. It is made when it is called for: who writes many at once makes them at once. */
export type LogSink = (level: LogLevel, line: () => string) => void;

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A log that renders to lines: `text` for people, `json` for machines. Lines below `level` are not made. */
export const createLog = (sink: LogSink, { level, format }: { readonly level: LogLevel; readonly format: "text" | "json" }): Log => {
  const threshold = levels.indexOf(level);
  const render = format === "json" ? renderJson : renderText;
  const at = (lineLevel: LogLevel) => (event: string, fields: LogFields = {}): void => {
    const time = Date.now();
    if (levels.indexOf(lineLevel) >= threshold) sink(lineLevel, () => render(time, lineLevel, event, fields));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};

/** The same log without what is below a level. */
export const atLevel = (log: Log, level: LogLevel): Log => {
  const isShown = (lineLevel: LogLevel): boolean => levels.indexOf(lineLevel) >= levels.indexOf(level);
  const none = (): void => {};
  return {
    debug: isShown("debug") ? log.debug : none,
    info: isShown("info") ? log.info : none,
    warn: isShown("warn") ? log.warn : none,
    error: log.error,
  };
};

/** The head by hand and the fields as they are: one object of both, made for this, would cost more than all the rest of the line. */
const renderJson = (time: number, level: LogLevel, event: string, fields: LogFields): string => {
  const facts = JSON.stringify(fields);
  return `{"time":"${textOfTime(time)}","level":"${level}","event":${JSON.stringify(event)}${facts === "{}" ? "}" : `,${facts.slice(1)}`}`;
};

const renderText = (time: number, level: LogLevel, event: string, fields: LogFields): string => `${textOfTime(time)} ${level.padEnd(5)} ${renderEvent(event, fields)}`;

let lastTime = { ms: 0, text: "" };

/** As ISO 8601 has it, written once for all lines of a millisecond. @param ms since the epoch */
const textOfTime = (ms: number): string => {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
};

/** `request route=/v1 status=200`: an event and its fields on one line. */
export const renderEvent = (event: string, fields: LogFields): string => {
  // Joined and not added up: a sum of strings stays a tree of its pieces until it is written, and lives as long.
  const words = [event];
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) words.push(`${name}=${renderValue(value)}`);
  }
  return words.join(" ");
};

/** Bare where it reads well; quoted, and so on one line, where it holds anything else. */
const renderValue = (value: NonNullable<LogFields[string]>): string => {
  if (typeof value !== "string" && typeof value !== "object") return String(value);
  const text = typeof value === "object" ? value.join(",") : value;
  return /^[\w./:@*+-]+$/.test(text) ? text : JSON.stringify(text);
};
