import type { Path } from "../../config/problem.ts";
import { isSecret } from "../../config/schema.ts";

/** Names that a file gives and uses: each is declared in one section and used in others. */
export type NameKind = "alias" | "key" | "listener" | "upstream";

/** What a text of a file stands for: a name that is declared in it, a model of the window, or where a secret is. */
export type Role = NameKind | "target" | "vendor" | "family" | "version" | "id" | "secret";

/** The section that declares each kind of name. */
export const sectionOf: Readonly<Record<NameKind, string>> = { alias: "models", key: "keys", listener: "listeners", upstream: "upstreams" };

/** The kind of name that is declared at `path`. */
export const declaredAt = (path: Path): NameKind | undefined =>
  (path.length === 2 ? nameKinds.find((kind) => sectionOf[kind] === path[0]) : undefined);

const nameKinds = ["alias", "key", "listener", "upstream"] as const;

/** What the text at `path` stands for. */
export const roleAt = (path: Path): Role | undefined => {
  if (isSecret(path)) return "secret";
  const [section] = path;
  const [owner, last] = [path.at(-2), path.at(-1)];
  if (typeof last === "number") return roleOfItem(section, owner, path);
  if (section !== "models") return undefined;
  if (path.length === 2) return "target";
  const isSelector = path.length === 3 || typeof owner === "number";
  return isSelector ? selectorRoles.get(String(last)) : undefined;
};

const roleOfItem = (section: unknown, list: unknown, path: Path): Role | undefined => {
  if (section === "models") return path.length === 3 || (path.length === 4 && list === "targets") ? "target" : undefined;
  if (list === "keys") return path.at(-3) === "auth" ? "key" : undefined;
  const isOwnList = path.length === 4 && (section === "routes" || section === "keys");
  return isOwnList ? listRoles.get(`${section}.${String(list)}`) : undefined;
};

const listRoles: ReadonlyMap<string, Role> = new Map([["routes.models", "alias"], ["routes.listeners", "listener"], ["keys.models", "alias"]]);

const selectorRoles: ReadonlyMap<string, Role> = new Map([["vendor", "vendor"], ["family", "family"], ["version", "version"], ["id", "id"], ["upstream", "upstream"]]);
