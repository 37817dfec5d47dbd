import type * as vscode from "vscode";
import type { Providers } from "./select-models.ts";

/** Who brings language models into this window, as the extensions declare it; whether they have some now is another matter. */
export const findProviders = ({ all }: Pick<typeof vscode.extensions, "all">): Providers => new Map(all.flatMap(vendorsOf));

const vendorsOf = ({ id, packageJSON }: vscode.Extension<unknown>): readonly (readonly [vendor: string, extension: string])[] => {
  const { displayName, contributes } = packageJSON as { readonly displayName?: unknown; readonly contributes?: { readonly languageModelChatProviders?: unknown } };
  const declared: readonly unknown[] = Array.isArray(contributes?.languageModelChatProviders) ? contributes.languageModelChatProviders : [];
  return declared.flatMap((entry) => {
    const { vendor } = entry as { readonly vendor?: unknown };
    return typeof vendor === "string" ? [[vendor, typeof displayName === "string" ? displayName : id] as const] : [];
  });
};
