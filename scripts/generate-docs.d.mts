/** docs/reference/configuration.md as text. @param schema llm-proxy.schema.json, parsed */
export function renderReference(schema: unknown): string;
/** Where it is committed. */
export const referencePath: string;
