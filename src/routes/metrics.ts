import { renderMetrics } from "../observability/exposition.ts";
import type { Figures } from "../observability/figures.ts";
import type { Handler } from "./responder.ts";

export interface MetricsOptions {
  readonly enabled: boolean;
  readonly path: string;
}

/** `GET /metrics`, for Prometheus. */
export const createMetricsHandler = ({ metrics }: Figures): Handler =>
  async function handleMetrics(exchange, responder) {
    const { contentType, text } = await renderMetrics(metrics, exchange.header("accept") ?? "");
    responder.send({ status: 200, headers: { "content-type": contentType }, body: text });
  };
