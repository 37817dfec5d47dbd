import type * as vscode from "vscode";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { watchProxySettings } from "../../src/vscode/proxy-settings.ts";

/** The editor's settings below `http`, and the hand that changes them. */
const setUp = (first: Readonly<Record<string, unknown>>) => {
  let values = first;
  let listener: ((change: vscode.ConfigurationChangeEvent) => unknown) | undefined;
  const workspace = {
    getConfiguration: (section?: string) => ({ get: (name: string) => (section === "http" ? values[name] : undefined) }) as vscode.WorkspaceConfiguration,
    onDidChangeConfiguration: (listen: (change: vscode.ConfigurationChangeEvent) => unknown) => {
      listener = listen;
      return { dispose: () => void (listener = undefined) };
    },
  };
  const change = (next: Readonly<Record<string, unknown>>, section = "http"): void => {
    values = next;
    void listener?.({ affectsConfiguration: (asked) => asked === section });
  };
  return { watched: watchProxySettings(workspace), change, isWatching: () => listener !== undefined };
};

/** What the editor says where nobody has set anything. */
const defaults = { proxy: "", proxyStrictSSL: true, proxyAuthorization: null, noProxy: [], proxySupport: "override", systemCertificates: true };

const cases = suite("vscode/proxy-settings");

cases("says nothing of a proxy where nobody has set one", () => {
  assert.equal(setUp(defaults).watched.current(), { isEnabled: true, checksCertificates: true, trustsSystem: true, noProxy: [] });
});

cases("reads what is set", () => {
  const { watched } = setUp({ proxy: "http://p:1", proxyStrictSSL: false, proxyAuthorization: "Basic x", noProxy: ["a.test"], proxySupport: "off", systemCertificates: false });
  assert.equal(watched.current(), { isEnabled: false, checksCertificates: false, trustsSystem: false, url: "http://p:1", authorization: "Basic x", noProxy: ["a.test"] });
});

cases("is the same object until one of them changes", () => {
  const { watched, change, isWatching } = setUp(defaults);
  const before = watched.current();
  change({ ...defaults, proxy: "http://p:1" }, "editor");
  assert.is(watched.current(), before);
  change({ ...defaults, proxy: "http://p:1" });
  assert.is(watched.current().url, "http://p:1");
  watched.dispose();
  assert.not(isWatching());
});

cases.run();
