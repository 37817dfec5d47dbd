import type { FolderStatus } from "../folder-proxy.ts";
import type { Words } from "../words.ts";
import type { ExternalUrls } from "./external-urls.ts";
import { reportOf } from "./folder-report.ts";
import { shownOf } from "./status-text.ts";

/** The commands that the tooltip links to: the editor runs no other from it, whatever a foreign file calls its models. */
export const tooltipCommands = ["llmProxy.start", "llmProxy.stop", "llmProxy.restart", "llmProxy.copyBaseUrl", "llmProxy.copySnippet", "llmProxy.openLog"] as const;

/** A proxy of the window, by the name that commands know it by. */
export interface Shown {
  readonly id: string;
  readonly status: FolderStatus;
}

/**
 * All that the status bar tells of a window, as Markdown; each folder by name, with what can be done about it.
 * @param externalOf where an address is reached from the user's own machine, where that is another
 */
export const renderTooltip = (proxies: readonly Shown[], isTrusted: boolean, l10n: Words, externalOf: ExternalUrls["of"]): string => {
  if (!isTrusted) return l10n.t("LLM Proxy starts nothing in a folder that you do not trust.");
  const shown = shownOf(proxies.map(({ status }) => status));
  const folders = proxies.filter(({ status }) => shown.includes(status)).map((proxy) => renderFolder(proxy, l10n, externalOf));
  return [...folders, `[${l10n.t("Open Log")}](command:llmProxy.openLog)`].join("\n\n---\n\n");
};

const renderFolder = ({ id, status }: Shown, l10n: Words, externalOf: ExternalUrls["of"]): string => {
  const { name, state, generation, addresses, facts } = reportOf(status, l10n);
  const title = `**${escape(name)}**: ${escape(state)}${generation === undefined ? "" : `, ${l10n.t("generation {0}", generation)}`}`;
  const elsewhere = addresses.flatMap(({ url }) => externalOf(url) ?? []).map((url) => row(l10n.t("From your machine"), url));
  const rows = [...addresses.map(({ url, about }) => row(url, about)), ...elsewhere, ...facts.map(({ label, value }) => row(label, value))];
  const table = rows.length === 0 ? [] : [["| | |", "|---|---|", ...rows].join("\n")];
  const links = actionsOf(status, l10n).map(([label, command]) => `[${label}](command:${command}?${argumentOf(id)})`);
  return [title, ...table, ...(links.length === 0 ? [] : [links.join(" · ")])].join("\n\n");
};

/** A command's argument within a link, whose end a bracket would be. */
const argumentOf = (id: string): string => encodeURIComponent(JSON.stringify([id])).replaceAll("(", "%28").replaceAll(")", "%29");

const row = (label: string, value: string): string => `| ${escape(label)} | ${escape(value)} |`;

type TooltipCommand = (typeof tooltipCommands)[number];

const actionsOf = ({ state }: FolderStatus, l10n: Words): readonly (readonly [label: string, command: TooltipCommand])[] => {
  if (state === "stopped") return [[l10n.t("Start"), "llmProxy.start"]];
  const copy: ReturnType<typeof actionsOf> = [[l10n.t("Copy Base URL"), "llmProxy.copyBaseUrl"], [l10n.t("Copy Snippet"), "llmProxy.copySnippet"]];
  return [...(state === "running" ? copy : []), [l10n.t("Restart"), "llmProxy.restart"], [l10n.t("Stop"), "llmProxy.stop"]];
};

/** Names come from folders and files, and mean nothing in Markdown: no link, no second cell, no line. */
const escape = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_{}[\]()#+\-.!|<>~$&:@]/g, String.raw`\$&`);
