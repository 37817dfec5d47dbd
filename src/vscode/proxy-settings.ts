import type * as vscode from "vscode";
import type { ProxySettings } from "../models/openai-upstream/choose-proxy.ts";

/** The editor's own settings for the network, kept at hand: they are asked for with every request to an upstream. */
export interface WatchedProxySettings extends vscode.Disposable {
  /** The same object until one of them changes. */
  current(): ProxySettings;
}

/** A repository cannot set them: the editor reads them from the user's settings alone. */
export const watchProxySettings = (workspace: Pick<typeof vscode.workspace, "getConfiguration" | "onDidChangeConfiguration">): WatchedProxySettings => {
  let settings = read(workspace);
  const subscription = workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration("http")) settings = read(workspace);
  });
  return { current: () => settings, dispose: () => void subscription.dispose() };
};

const read = (workspace: Pick<typeof vscode.workspace, "getConfiguration">): ProxySettings => {
  const http = workspace.getConfiguration("http");
  const url = http.get<string | null>("proxy");
  const authorization = http.get<string | null>("proxyAuthorization");
  const noProxy = http.get<readonly string[] | null>("noProxy");
  return {
    isEnabled: http.get("proxySupport") !== "off",
    checksCertificates: http.get("proxyStrictSSL") !== false,
    trustsSystem: http.get("systemCertificates") !== false,
    ...(typeof url === "string" && url !== "" ? { url } : {}),
    ...(typeof authorization === "string" && authorization !== "" ? { authorization } : {}),
    ...(Array.isArray(noProxy) ? { noProxy } : {}),
  };
};
