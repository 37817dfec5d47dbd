import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ServeEvent } from "../cli/serve-io.ts";

const headless = fileURLToPath(new URL("../../src/headless.ts", import.meta.url));

/** Runs `work` against `llm-proxy serve` of this file, a process of its own, and ends it whatever happens. */
export const withServeProcess = async (file: string, env: Readonly<Record<string, string>>, work: (url: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-observed-"));
  writeFileSync(join(folder, ".llmproxy.yaml"), file);
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", headless, "serve", "--json"], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  try {
    await work(await urlSaidBy(child.stdout));
  } finally {
    child.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  }
};

const urlSaidBy = async (output: NodeJS.ReadableStream): Promise<string> => {
  const lines = createInterface({ input: output });
  for await (const line of lines) {
    const said = JSON.parse(line) as ServeEvent;
    if (said.event === "listening") return String(said["url"]);
  }
  throw new Error("It ended without listening.");
};
