/** A model that this window has, by the names that a file may call it. */
export interface OfferedModel {
  readonly vendor: string;
  readonly family: string;
  readonly id: string;
  readonly version: string;
  /** As the editor shows it. */
  readonly name: string;
  readonly maxInputTokens: number;
}

/** What this window and this machine have that a file can refer to; names only. */
export interface Offer {
  readonly models: readonly OfferedModel[];
  readonly secrets: readonly string[];
  readonly variables: readonly string[];
}

/** `GPT-4o, 64k tokens`: a model in a few words. */
export const describeModel = (model: OfferedModel): string => `${model.name}, ${sizeOf(model)}`;

/** How long a prompt it takes. */
export const sizeOf = ({ maxInputTokens }: OfferedModel): string => `${Math.round(maxInputTokens / 1000)}k tokens`;

/** `vendor/family`, or `vendor/id` where another model has that family too. */
export const shortName = (model: OfferedModel, models: readonly OfferedModel[]): string => {
  const isOnly = models.every(({ vendor, family, id }) => vendor !== model.vendor || family !== model.family || id === model.id);
  return `${model.vendor}/${isOnly ? model.family : model.id}`;
};
