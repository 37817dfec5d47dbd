import type { Catalog, CatalogEntry } from "../models/catalog.ts";
import type { ModelEndpoint, ModelEntry, ModelListEndpoint } from "../protocols/protocol.ts";
import { dialectOf } from "../protocols/registry.ts";
import { accessOf } from "./access.ts";
import type { Handler } from "./responder.ts";

const json = { "content-type": "application/json; charset=utf-8" };

export interface ModelsHandlerOptions {
  readonly catalog: Catalog;
  /** Names of aliases that the route serves; absent = all. */
  readonly models?: readonly string[];
  /** When this configuration took effect: what a model list shows as the creation of its models. */
  readonly createdSeconds: number;
}

/** `GET models`: every name that a client may put under "model". */
export const createModelListHandler = (endpoint: ModelListEndpoint, options: ModelsHandlerOptions): Handler =>
  async function handleModelList(exchange, responder) {
    const entries = await options.catalog.list(accessOf(exchange, options));
    const { encodeModels } = dialectOf(exchange) ?? endpoint;
    responder.send({ status: 200, headers: json, body: encodeModels(entries.map((entry) => entryOf(entry, options))) });
  };

/** `GET models/{id}`. @param prefix what comes before the id in a request's path */
export const createModelHandler = (endpoint: ModelEndpoint, prefix: string, options: ModelsHandlerOptions): Handler =>
  async function handleModel(exchange, responder) {
    const id = decodePath(exchange.path.slice(prefix.length));
    const entry = await options.catalog.entry(id, accessOf(exchange, options));
    const { encodeModel } = dialectOf(exchange) ?? endpoint;
    responder.send({ status: 200, headers: json, body: encodeModel(entryOf(entry, options)) });
  };

const entryOf = ({ name, vendor, description }: CatalogEntry, { createdSeconds }: ModelsHandlerOptions): ModelEntry => ({
  id: name,
  ...(vendor === undefined ? {} : { owner: vendor }),
  ...(description === undefined ? {} : { description }),
  createdSeconds,
});

/** Ids may hold slashes, as they are or as %2F; what cannot be decoded names no model. */
const decodePath = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
