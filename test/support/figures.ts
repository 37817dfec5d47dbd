import { createFigures, type Totals } from "../../src/observability/figures.ts";

/** The figures of a proxy that nobody has asked for anything. */
export const noFigures: Totals = createFigures({ monotonic: () => 0 }, "0.0.0").totals();
