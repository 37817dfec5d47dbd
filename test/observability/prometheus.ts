import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/ports.ts";
import { until } from "../vscode/support/until.ts";

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Runs a query of Prometheus' language now. */
export type Query = (expression: string) => Promise<readonly Sample[]>;

export interface Prometheus {
  readonly query: Query;
  /** What a scrape told of one metric. */
  metadata(job: string, metric: string): Promise<{ readonly type: string; readonly help: string } | undefined>;
  /** The content types of all that a job has scraped so far. */
  scrapes(job: string): readonly string[];
}

/**
 * Runs `work` while a real Prometheus scrapes the proxy each second: the job `openmetrics` asks as Prometheus does,
 * the job `text` through a relay that asks for the older form.
 */
export const withPrometheus = async (binary: string, url: string, key: string, work: (prometheus: Prometheus) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-prometheus-"));
  const relays = await Promise.all(["text", "openmetrics"].map(async (job) => ({ job, ...await openRelay(url, job === "text" ? "text/plain" : undefined) })));
  const port = await freePort();
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify({
    global: { scrape_interval: "1s", scrape_timeout: "1s" },
    scrape_configs: relays.map(({ job, address }) => ({ job_name: job, static_configs: [{ targets: [address] }], authorization: { credentials: key } })),
  }));
  const child = spawn(binary, [`--config.file=${join(folder, "prometheus.yml")}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"], { stdio: "ignore" });
  const exited = once(child, "exit");
  const api = async <Data>(path: string, parameters: Readonly<Record<string, string>>): Promise<Data> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    return ((await response.json()) as { data: Data }).data;
  };
  try {
    await until("Prometheus did not start", () => fetch(`http://127.0.0.1:${port}/-/ready`).then(({ status }) => status, () => 0), (status) => status === 200);
    await work({
      async query(expression) {
        const { result } = await api<{ result: { metric: Record<string, string>; value: [number, string] }[] }>("query", { query: expression });
        return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
      },
      metadata: async (job, metric) => (await api<{ type: string; help: string }[]>("targets/metadata", { match_target: `{job="${job}"}`, metric }))[0],
      scrapes: (job) => relays.find((relay) => relay.job === job)?.contentTypes ?? [],
    });
  } finally {
    child.kill("SIGKILL");
    await exited;
    for (const { close } of relays) close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Hands scrapes on to the proxy and keeps the types of what it answers. @param accept in place of what the scraper asks for */
const openRelay = async (url: string, accept: string | undefined) => {
  const contentTypes: string[] = [];
  const relay = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, host: new URL(url).host, ...(accept === undefined ? {} : { accept }) };
    const onward = request(`${url}${incoming.url}`, { headers }, (response) => {
      contentTypes.push(response.headers["content-type"] ?? "");
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    onward.end();
  }).listen(0, "127.0.0.1");
  await once(relay, "listening");
  const close = (): void => {
    relay.closeAllConnections();
    relay.close();
  };
  return { address: `127.0.0.1:${(relay.address() as AddressInfo).port}`, contentTypes, close };
};
