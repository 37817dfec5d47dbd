import type { AuthOptions } from "../policies/auth.ts";
import { checkNames } from "./check-names.ts";
import { fixBy } from "./fix.ts";
import type { Auth, AuthoredConfig } from "./generated/types.ts";
import type { Path } from "./problem.ts";
import type { Report } from "./report.ts";

/** What the route says counts first, then the listener, then `defaults`; without any, keys ask to be used. */
export const inheritAuth = (authored: AuthoredConfig, route: Auth | undefined, listener: Auth | undefined): AuthOptions => {
  const keys = Object.keys(authored.keys ?? {});
  const auth = route ?? listener ?? authored.defaults?.auth ?? (keys.length > 0 ? "required" : "none");
  if (auth === "none") return { accepts: "none" };
  return { accepts: auth === "required" ? keys : keys.filter((key) => auth.keys.includes(key)) };
};

/** Reports names of keys that are not declared, wherever `auth` stands, and locks without a key. */
export const checkAuth = (authored: AuthoredConfig, report: Report): void => {
  const keys = Object.keys(authored.keys ?? {});
  for (const { auth, path } of placesOfAuth(authored)) {
    if (auth === "none") continue;
    if (auth !== "required") checkNames(auth.keys, [...path, "keys"], keys, keyWords, report);
    else if (keys.length === 0) report.value("error", path, "A key is required here, and the file declares none.", "Add keys: { ci: { key: \"${env:CI_KEY}\" } } at the top of the file, or write auth: none.", ({ edits }) => [
      fixBy("Add keys:", edits.insert(["keys", "ci", "key"], "\"${env:CI_KEY}\"")),
      fixBy("Change to none", edits.replaceValue(path, "none")),
    ]);
  }
};

const keyWords = { kind: "key", place: "keys:" };

const placesOfAuth = (authored: AuthoredConfig): readonly { readonly auth: Auth; readonly path: Path }[] => [
  { auth: authored.defaults?.auth, path: ["defaults", "auth"] },
  ...Object.entries(authored.listeners ?? {}).map(([name, listener]) => ({ auth: listener?.auth, path: ["listeners", name, "auth"] })),
  ...(authored.routes ?? []).map((route, index) => ({ auth: route.auth, path: ["routes", index, "auth"] })),
].flatMap(({ auth, path }) => (auth === undefined ? [] : [{ auth, path }]));
