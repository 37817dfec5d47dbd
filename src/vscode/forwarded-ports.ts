import type * as vscode from "vscode";
import type { Loaded } from "../config/load.ts";
import { newKey } from "../config/new-key.ts";
import { fileStart } from "../config/positions.ts";
import type { Problem } from "../config/problem.ts";
import { sha256 } from "../config/references.ts";
import type { Config } from "../config/types.ts";
import type { FolderConsent } from "./folder-consent.ts";
import type { SecretStore } from "./secrets.ts";

/**
 * In a remote window, and in one in a browser, a port of this machine's loopback is forwarded to whoever reaches the window.
 * What asks for no key starts there only once somebody has said so, or has had a key made.
 */
export interface ForwardedPorts {
  /**
   * What was loaded, with a key wherever it asks for none, where that is the answer for this file; held back as long as there is no
   * answer, which is asked for without being waited for. In any other window, and with keys everywhere, what was loaded.
   */
  guard(file: string, loaded: Loaded): Promise<Loaded>;
  /** Asks again what was left without an answer. */
  askAgain(): void;
  hasAnswer(file: string): boolean;
  forget(file: string): Promise<void>;
}

export interface ForwardedPortsOptions {
  readonly editor: Pick<typeof vscode, "env" | "l10n" | "UIKind" | "window" | "workspace">;
  /** Where answers are kept. */
  readonly memory: Pick<vscode.Memento, "get" | "update">;
  readonly secrets: Pick<SecretStore, "read" | "store">;
  /** There is an answer that was not there before. */
  readonly onAnswer: () => void;
}

/** Under this name the log, metrics and limits know the key that was made here, and the secrets keep it: one for all folders. */
export const windowKeyName = "this-window";

type Answer = "key" | "none";

export const createForwardedPorts = ({ editor, memory, secrets, onAnswer }: ForwardedPortsOptions): ForwardedPorts => {
  const asked = new Set<string>();
  const answerFor = (file: string): Answer | undefined => memory.get<Answer>(memoryKey(file));
  const isAskedFor = (): boolean =>
    (editor.env.remoteName !== undefined || editor.env.uiKind === editor.UIKind.Web) && !editor.workspace.getConfiguration("llmProxy").get("allowWithoutKey", false);
  const ask = async (file: string): Promise<void> => {
    const answer = await question(editor, file);
    if (answer === undefined) return;
    if (answer === "key") await makeKey(editor, secrets);
    await memory.update(memoryKey(file), answer);
    onAnswer();
  };
  return {
    async guard(file, loaded) {
      if (loaded.config === undefined || !isAskedFor() || !loaded.config.routes.some(isOpen)) return loaded;
      const answer = answerFor(file);
      if (answer === "none") return loaded;
      const key = answer === "key" ? await secrets.read(windowKeyName) : undefined;
      if (key !== undefined && "value" in key) return { ...loaded, config: withKey(loaded.config, key.value) };
      if (!asked.has(file)) void ask(file);
      asked.add(file);
      return { problems: [...loaded.problems, heldBack(editor.l10n)], isHeld: true, ...(loaded.files === undefined ? {} : { files: loaded.files }) };
    },
    askAgain: () => asked.clear(),
    hasAnswer: (file) => answerFor(file) !== undefined,
    forget: async (file) => memory.update(memoryKey(file), undefined),
  };
};

/** Who takes back what they allowed to a file takes back this answer too. */
export const withForwardedPorts = (consent: FolderConsent, forwarded: Pick<ForwardedPorts, "askAgain" | "forget" | "hasAnswer">): FolderConsent => ({
  ...consent,
  askAgain() {
    consent.askAgain();
    forwarded.askAgain();
  },
  hasAllowed: (file) => consent.hasAllowed(file) || forwarded.hasAnswer(file),
  async forget(file) {
    const hadAnswer = forwarded.hasAnswer(file);
    await forwarded.forget(file);
    return await consent.forget(file) || hadAnswer;
  },
});

const memoryKey = (file: string): string => `forwarded.${file}`;

const isOpen = ({ auth }: Config["routes"][number]): boolean => auth.accepts === "none";

/** The same for whoever has the key, and nothing for anybody else. */
const withKey = (config: Config, key: string): Config => {
  const hash = sha256(key);
  return {
    ...config,
    keys: [...config.keys, { name: windowKeyName, sha256: hash }],
    routes: config.routes.map((route) => (isOpen(route) ? { ...route, auth: { accepts: [windowKeyName] } } : route)),
    // It means something else than the file alone.
    generation: sha256(`${config.generation} ${hash}`).slice(0, config.generation.length),
  };
};

/** No modal message: one that comes while somebody types would be answered by the next key. */
const question = async ({ l10n, window }: ForwardedPortsOptions["editor"], file: string): Promise<Answer | undefined> => {
  const create = l10n.t("Create a Key");
  const none = l10n.t("No Key");
  const text = l10n.t("LLM Proxy asks before it serves {0}. It asks for no key, and the ports of this window are forwarded: whoever reaches them could use your models.", shortName(file));
  const chosen = await window.showWarningMessage(text, create, none);
  return chosen === create ? "key" : chosen === none ? "none" : undefined;
};

/** One that is there already serves this folder too: clients have it. */
const makeKey = async ({ env, l10n, window }: ForwardedPortsOptions["editor"], secrets: ForwardedPortsOptions["secrets"]): Promise<void> => {
  const kept = await secrets.read(windowKeyName);
  const key = "value" in kept ? kept.value : newKey();
  if (!("value" in kept)) await secrets.store(windowKeyName, key);
  const copy = l10n.t("Copy Key");
  const shown = window.showInformationMessage(l10n.t("LLM Proxy asks for a key here from now on. It is kept as the secret {0}; the file is as it was.", windowKeyName), copy);
  void shown.then((chosen) => (chosen === copy ? env.clipboard.writeText(key) : undefined));
};

const shortName = (file: string): string => file.split(/[\\/]/).slice(-2).join("/");

const heldBack = (l10n: typeof vscode.l10n): Problem => ({
  severity: "warning",
  message: l10n.t("This is not served until you say whether it may be used without a key: the ports of this window are forwarded to whoever reaches them."),
  hint: l10n.t("Answer LLM Proxy's question, or declare keys: in the file. The command LLM Proxy: Start asks again."),
  path: [],
  range: fileStart,
});
