import { createFigures } from "../../src/observability/figures.ts";
import type { ProxyFigures } from "../../src/proxy-status.ts";

/** The figures of a proxy that nobody has asked for anything. */
export const noFigures: ProxyFigures = { ...createFigures({ monotonic: () => 0 }, "0.0.0").totals(), connections: 0 };
