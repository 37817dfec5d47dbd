import type { ProxyStatus } from "../../src/proxy.ts";
import type { FolderStatus } from "../../src/vscode/folder-proxy.ts";
import { noFigures } from "./figures.ts";

/** How the proxy of a folder is, by default a stopped one whose folder has a file. */
export const folderStatus = (fields: Partial<FolderStatus> = {}): FolderStatus => ({ name: "project", state: "stopped", problems: [], isOutdated: false, hasFile: true, ...fields });

/** A proxy that serves openai-chat under /v1, without a key, on each of these ports of the loopback. */
export const servedOn = (ports: readonly number[], fields: Partial<ProxyStatus> = {}): ProxyStatus => ({
  state: "running", generation: "0a1b2c3d", instance: "", version: "", models: ["gpt-4"], figures: noFigures,
  listeners: ports.map((port) => ({ name: "local", url: `http://127.0.0.1:${port}`, state: "listening" })),
  routes: [{ name: "v1", path: "/v1", protocols: ["openai-chat"], listeners: ["local"], needsKey: false }],
  ...fields,
});

/** A folder whose file is served on these ports. */
export const runningFolder = (name: string, ...ports: readonly number[]): FolderStatus => folderStatus({ name, state: "running", proxy: servedOn(ports) });
