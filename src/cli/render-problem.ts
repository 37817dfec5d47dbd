import type { Problem } from "../config/problem.ts";

/** `FILE:LINE:COL: severity: message (hint)`, the form that editors and terminals make clickable. */
export const renderProblem = (file: string, { range, severity, message, hint }: Problem): string =>
  `${file}:${range.start.line}:${range.start.column}: ${severity}: ${message} (${hint})`;
