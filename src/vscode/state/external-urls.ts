import type * as vscode from "vscode";
import type { WindowProxies } from "../window-proxies.ts";

/** Where clients reach a proxy from the machine that its user sits at, where that is another than the one it runs on. */
export interface ExternalUrls extends vscode.Disposable {
  /** Absent where the address is the same, or not known yet. @param url a base URL on this machine */
  of(url: string): string | undefined;
  /** The same as it is now, for somebody to take along: a port that was forwarded may have been closed since. Forwards it where nobody has. */
  ask(url: string): Promise<string | undefined>;
  onDidChange(listener: () => void): vscode.Disposable;
}

type Editor = Pick<typeof vscode, "UIKind" | "Uri"> & { readonly env: Pick<typeof vscode.env, "asExternalUri" | "remoteName" | "uiKind">; readonly workspace: Pick<typeof vscode.workspace, "getConfiguration"> };

/** Looks up the addresses of what runs, unless the user wants no port forwarded unasked. */
export const createExternalUrls = (editor: Editor, proxies: WindowProxies): ExternalUrls => {
  const { env, UIKind, Uri, workspace } = editor;
  const isRemote = env.remoteName !== undefined || env.uiKind === UIKind.Web;
  const known = new Map<string, string>();
  const listeners = new Set<() => void>();
  const ask = async (url: string): Promise<string | undefined> => {
    if (!isRemote) return undefined;
    const origin = originOf(url);
    known.set(origin, (await env.asExternalUri(Uri.parse(origin))).toString(true).replace(/\/$/, ""));
    return of(url);
  };
  const of = (url: string): string | undefined => {
    const origin = originOf(url);
    const external = known.get(origin) ?? origin;
    return external === origin ? undefined : `${external}${new URL(url).pathname.replace(/\/$/, "")}`;
  };
  const follow = (): void => {
    if (!isRemote || !workspace.getConfiguration("remote").get("autoForwardPorts", true)) return;
    const origins = proxies.list().flatMap((proxy) => proxy.status().proxy?.listeners ?? []).filter(({ state }) => state === "listening").map(({ url }) => url);
    for (const origin of origins.filter((candidate) => !known.has(candidate))) {
      // Where the editor has no address, there is none to show.
      void ask(origin).then(() => listeners.forEach((listener) => listener()), () => {});
    }
  };
  const subscription = proxies.onDidChange(follow);
  follow();
  return {
    of,
    ask,
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose: () => void subscription.dispose(),
  };
};

/** The part of an address that forwarding replaces: what follows stays as it is. */
const originOf = (url: string): string => {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
};
