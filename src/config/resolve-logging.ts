import type { LoggingOptions } from "../observability/log.ts";
import { defaults } from "./defaults.ts";
import type { AuthoredConfig } from "./generated/types.ts";
import type { Report } from "./report.ts";

/** What is written to the log. Reports prompts and answers that are asked for and would be left out. */
export const resolveLogging = ({ logging }: AuthoredConfig, report: Report): LoggingOptions => {
  const resolved = { ...defaults.logging, ...logging };
  if (resolved.content && (resolved.level === "warn" || resolved.level === "error")) {
    report.value("warning", ["logging", "content"], `Prompts and answers are written at the level info, which level: ${resolved.level} leaves out.`, "Write level: info, or remove content:.");
  }
  return resolved;
};
