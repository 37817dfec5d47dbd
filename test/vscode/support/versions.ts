/**
 * The VS Code versions that the suites run on: the newest one, and the oldest that package.json's `engines.vscode` admits.
 * code-server is VS Code with its workbench served to a browser; its minor version is VS Code's. `node` is what runs the extension host:
 * the version that the desktop release of that VS Code brings, or the nearest that code-server accepts.
 */
export const vscodeVersions = {
  "1.139": { codeServer: "4.139.1", node: "24.21.0" },
  "1.104": { codeServer: "4.104.0", node: "22.18.0" },
} as const;

export type VsCodeVersion = keyof typeof vscodeVersions;

/** Newest first. */
export const everyVersion = Object.keys(vscodeVersions) as readonly VsCodeVersion[];
