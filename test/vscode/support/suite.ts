import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import { openEditor } from "./editor.ts";
import type { Editor, OpenEditor } from "./editor.ts";
import { withEvidence } from "./failure.ts";
import type { Files } from "./folder.ts";
import type { HostOptions } from "./host.ts";
import { openSession } from "./session.ts";
import type { Session } from "./session.ts";
import { everyVersion } from "./versions.ts";
import type { VsCodeVersion } from "./versions.ts";

/** The extension that this repository makes, as the last build left it: what a suite runs unless it says otherwise. */
export const thisExtension = fileURLToPath(new URL("../../..", import.meta.url));

export interface SuiteOptions extends HostOptions {
  /** Default: the newest and the oldest. */
  readonly versions?: readonly VsCodeVersion[];
  /** `shared`: all cases use one window and one folder, and so take a fraction of the time. Default: `own`. */
  readonly window?: "own" | "shared";
}

export interface CaseOptions {
  /** Default: those of the suite. */
  readonly versions?: readonly VsCodeVersion[];
  /** Written into the folder before its window opens; into a shared one, before the case begins. */
  readonly files?: Files;
}

type Handler = (editor: Editor) => Promise<void>;

/** Declares cases, like uvu's `suite`; each one runs on every version. */
export interface EditorSuite {
  (title: string, handler: Handler): void;
  (title: string, options: CaseOptions, handler: Handler): void;
  run(): void;
}

const caseDeadlineMs = 120_000;

/** For one's own machine: `LLM_PROXY_TEST_VSCODE=1.139 npm test -- status-bar`. */
const wantedVersions = (versions: readonly VsCodeVersion[]): readonly VsCodeVersion[] => {
  const wanted = process.env["LLM_PROXY_TEST_VSCODE"];
  return wanted === undefined ? versions : versions.filter((version) => version === wanted);
};

const withDeadline = async (work: Promise<void>): Promise<void> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`The case was not done after ${caseDeadlineMs / 1000} s.`)),
    caseDeadlineMs,
  );
  try {
    await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};

/** The cases of one suite on one version: one host for all, started by the first of them and stopped after the last. */
const createVersionSuite = (name: string, version: VsCodeVersion, options: SuiteOptions) => {
  const title = `${name} on ${version}`;
  const cases = suite(title);
  const isShared = options.window === "shared";
  let session: Promise<Session> | undefined;
  let shared: Promise<OpenEditor> | undefined;

  const open = async (files: Files): Promise<OpenEditor> => {
    session ??= openSession(version, { extensions: [thisExtension], ...options });
    if (!isShared) return openEditor(await session, files);
    const opened = await (shared ??= session.then((started) => openEditor(started, {})));
    await opened.editor.models.reset();
    for (const [path, content] of Object.entries(files)) await opened.editor.folder.write(path, content);
    return opened;
  };

  const runCase = async (caseTitle: string, files: Files, handler: Handler): Promise<void> => {
    const opened = await open(files);
    try {
      await withDeadline(handler(opened.editor));
    } catch (error) {
      throw await withEvidence(error, opened.windows, `${title}/${caseTitle}`);
    } finally {
      await (isShared ? opened.closeOthers() : opened.close());
    }
  };

  cases.after(async () => {
    const [started, opened] = await Promise.allSettled([session, shared]);
    try {
      if (opened.status === "fulfilled") await opened.value?.close();
    } finally {
      if (started.status === "fulfilled") await started.value?.close();
    }
  });
  return { cases, runCase };
};

/**
 * A suite of cases that each get a window of a real VS Code, on the newest version and then on the oldest.
 * Its extensions are this repository's unless `options.extensions` names others, beside the driver and the scripted models.
 * A case that fails tells where its screenshot is and how the log of its extension host ends.
 */
export const editorSuite = (name: string, options: SuiteOptions = {}): EditorSuite => {
  const versions = wantedVersions(options.versions ?? everyVersion);
  const suites = new Map(versions.map((version) => [version, createVersionSuite(name, version, options)]));
  const declare = (title: string, ...rest: [Handler] | [CaseOptions, Handler]): void => {
    const [caseOptions, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
    for (const [version, { cases, runCase }] of suites) {
      if (caseOptions.versions?.includes(version) === false) continue;
      cases(title, () => runCase(title, caseOptions.files ?? {}, handler));
    }
  };
  return Object.assign(declare, {
    run: () => {
      for (const { cases } of suites.values()) cases.run();
    },
  });
};
