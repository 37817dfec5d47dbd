import { stringify } from "yaml";

/**
 * A value as it stands in a file, on one line: good in a block as well as between the brackets of a { … } or [ … ], in
 * which more texts need quotes. References always have them.
 */
export const writeValue = (value: unknown): string =>
  stringify([value], null, { collectionStyle: "flow", lineWidth: 0 }).trim().slice("[ ".length, -" ]".length);
