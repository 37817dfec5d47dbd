import type { Loaded } from "../config/load.ts";
import { fileStart } from "../config/positions.ts";
import type { Problem } from "../config/problem.ts";
import { renderRisk } from "../config/risk-words.ts";
import type { Risk } from "../config/risks.ts";
import type { Words } from "./words.ts";

/** The editor cuts a message off after 1,000 characters: what would not be seen whole must not be allowed from there. */
const maxListed = 700;

/** What a file asks for, as one message. A long list is too much for it: its button leads to the list. */
export const consentQuestion = (file: string, risks: readonly Risk[], l10n: Words): { readonly text: string; readonly isWhole: boolean } => {
  const list = listOf(risks);
  return list.length > maxListed
    ? { text: l10n.t("LLM Proxy asks before it serves {0}, which would do {1} things that are yours to allow.", file, risks.length), isWhole: false }
    : { text: l10n.t("LLM Proxy asks before it serves {0}. The file would {1}.", file, list), isWhole: true };
};

/** The whole list, with the answer where only whoever has gone through it arrives. */
export const reviewItems = (risks: readonly Risk[], l10n: Words): readonly { readonly label: string; readonly allows?: true }[] =>
  [...risks.map((risk) => ({ label: renderRisk(risk) })), { label: l10n.t("Allow"), allows: true }];

/** What is said of a file for as long as nobody has allowed what it asks for. */
export const heldBack = ({ risks = [], rangeOfName }: Loaded): Problem => {
  const path = risks[0]?.path ?? [];
  return {
    severity: "warning",
    message: `This file is not served as it stands until you allow what it asks for. It would ${listOf(risks).slice(0, maxListed)}.`,
    hint: "Answer LLM Proxy's question. The command LLM Proxy: Start asks it again.",
    path,
    range: rangeOfName?.(path) ?? fileStart,
  };
};

/** A message of the editor turns `[a](b)` into a link, which a name must not. */
const listOf = (risks: readonly Risk[]): string => risks.map(renderRisk).join("; ").replaceAll("](", "] (");
