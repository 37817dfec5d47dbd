import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { leaveOut } from "../support/leave-out.ts";
import { freePort } from "../support/ports.ts";
import { connectRaw, rawPost } from "../support/raw-client.ts";
import type { ServeEvent } from "./serve-io.ts";

const headless = fileURLToPath(new URL("../../src/headless.ts", import.meta.url));

/** `llm-proxy serve --json` as a process of its own, which a signal can reach. */
interface ServingProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** The next event; undefined once there are no more. */
  next(): Promise<ServeEvent | undefined>;
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>;
}

const withProcess = async (grace: string, work: (serving: ServingProcess) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-stop-"));
  const port = await freePort();
  writeFileSync(join(folder, ".llmproxy.yaml"), `version: 1
listeners: { local: { ports: ${port} } }
models: { long: { echo: { parts: 20, delay: 50ms } }, endless: { echo: { parts: 10000, delay: 50ms } } }
shutdown: { grace: ${grace} }
`);
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", headless, "serve", "--json"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<ServeEvent | undefined> => {
      const line = await lines.next();
      return line.done === true ? undefined : JSON.parse(line.value) as ServeEvent;
    };
    const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    assert.is((await next())?.event, "listening");
    await work({ child, port, next, exited });
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
};

const openStream = async (port: number, model: string): ReturnType<typeof connectRaw> => {
  const client = await connectRaw(port);
  client.write(rawPost({ model, stream: true, messages: [{ role: "user", content: "x" }] }));
  await client.until(/"content"/);
  return client;
};

/** Settles once nobody accepts connections on the port any more. */
const untilClosed = async (port: number): Promise<void> => {
  for (;;) {
    try {
      (await connectRaw(port)).leave();
    } catch {
      return;
    }
  }
};

if (process.platform === "win32") leaveOut("Windows has no signals that one process can send to another");

const cases = suite("cli/serve stop");

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  cases(`${signal}: lets go of the port at once, lets a stream end, ends with 0`, () => withProcess("30s", async ({ child, port, next, exited }) => {
    const [stream, idle] = [await openStream(port, "long"), await connectRaw(port)];
    child.kill(signal);
    await untilClosed(port);
    assert.is(await idle.closed(), "");
    assert.match(await stream.closed(), /\[DONE\]/);
    assert.equal(await next(), { event: "stopped" });
    assert.equal(await exited, [0, null]);
  }));
}

cases("breaks off what is not done within the grace, and still ends with 0", () => withProcess("0", async ({ child, port, next, exited }) => {
  const stream = await openStream(port, "endless");
  child.kill("SIGTERM");
  assert.not.match(await stream.closed(), /\[DONE\]/);
  assert.equal(await next(), { event: "stopped" });
  assert.equal(await exited, [0, null]);
}));

cases("the second signal is an order", () => withProcess("30s", async ({ child, port, exited }) => {
  const stream = await openStream(port, "endless");
  child.kill("SIGINT");
  await untilClosed(port);
  child.kill("SIGTERM");
  assert.equal(await exited, [143, null]);
  await stream.closed();
}));

cases.run();
