/** See generate.mjs. Without arguments: the repository's schema, into src/config/generated/. */
export function generate(schemaPath?: string, folder?: string): Promise<void>;
