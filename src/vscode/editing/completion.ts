/** One thing that can stand at the cursor. */
export interface Completion {
  readonly label: string;
  readonly kind: "property" | "value" | "model" | "name" | "secret";
  /** Replaces the word at the cursor; further lines are indented from the first character of its line. */
  readonly insert: string;
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  /** Whether what follows it can be completed at once. */
  readonly goesOn?: true;
}
