/**
 * What a model's host does by itself, exactly. What it does not is done around it before the request reaches it, so that a
 * host sees of these only what it has claimed.
 */
export type Ability =
  /** Ends the answer before any of `stopSequences`. */
  | "stop-sequences"
  /** Keeps to `maxOutputTokens`. Others get it too, as a hint. */
  | "max-output-tokens"
  /** Calls one of many tools for `toolChoice: "required"`. Everyone can be made to call a single one, and everyone's answer is looked at. */
  | "required-of-many-tools"
  /** Keeps to `singleToolCall`. */
  | "single-tool-call"
  /** Keeps to `responseFormat`. */
  | "response-format"
  /** Takes tools of any name: dots, spaces, two of one name. */
  | "any-tool-name"
  /** Takes as many tools as there are, or says itself that there are too many. */
  | "any-number-of-tools";

/** Nobody makes several answers to one request alike, so that is always done around the host. */
export type Abilities = ReadonlySet<Ability>;
