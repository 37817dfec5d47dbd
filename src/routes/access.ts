import type { Access } from "../models/catalog.ts";
import type { Exchange } from "../policies/policy.ts";

/** What a request may ask for: what its route serves and its key may use. */
export const accessOf = ({ keyName, keyModels }: Exchange, { models }: { readonly models?: readonly string[] }): Access => ({ models, keyModels, keyName });
