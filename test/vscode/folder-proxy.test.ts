import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../src/config/problem.ts";
import { fileStart } from "../../src/config/positions.ts";
import type { Outcome } from "../../src/deployment.ts";
import type { ProxyState, ProxyStatus } from "../../src/proxy.ts";
import { FolderProxy } from "../../src/vscode/folder-proxy.ts";
import { createTestServices } from "../support/services.ts";
import { noFigures } from "../support/figures.ts";

const problem: Problem = { severity: "error", message: "Wrong.", hint: "Right it.", path: [], range: fileStart };
const broken: Outcome = { kind: "rejected", problems: [problem] };
const taken: Outcome = { kind: "rejected", problems: [problem], bindError: "EADDRINUSE" };

/** A folder whose file and whose proxy do as a test says. */
const setUp = (text?: string) => {
  const { clock, log, lines } = createTestServices();
  const world = {
    /** The file; absent = there is none. */
    text,
    /** What the next deployments come to; after them, what the text says: `broken` in it is rejected, all else applied. */
    outcomes: [] as Outcome[],
    servers: 0,
    deploys: 0,
    /** The grace of each close. */
    closed: [] as number[],
    changes: 0,
    /** Holds `close` back until it is called. */
    letClose: undefined as (() => void) | undefined,
    holdsClose: false,
    /** Holds the making of a server back. */
    made: Promise.resolve(),
    /** Holds a deployment back. */
    deploying: Promise.resolve(),
  };
  const createServer = async () => {
    await world.made;
    world.servers += 1;
    let state: ProxyState = "stopped";
    return {
      status: (): ProxyStatus => ({ state, generation: "0", instance: "", version: "", listeners: [{ name: "local", url: "http://127.0.0.1:8080", state: "listening" }], routes: [], models: [], figures: noFigures }),
      async deploy(): Promise<Outcome> {
        world.deploys += 1;
        await world.deploying;
        const source = world.text;
        const outcome = world.outcomes.shift() ?? (source === undefined ? { kind: "missing" } : source.includes("broken") ? broken : { kind: "applied", problems: [] } as const);
        if (outcome.kind === "applied") state = "running";
        return outcome;
      },
      close(graceMs: number): Promise<void> {
        world.closed.push(graceMs);
        state = "draining";
        return world.holdsClose ? new Promise((resolve) => (world.letClose = resolve)) : Promise.resolve();
      },
    };
  };
  const proxy = new FolderProxy({
    name: "project", clock, log, createServer,
    read: async () => (world.text === undefined ? undefined : new TextEncoder().encode(world.text)),
    onChange: () => void (world.changes += 1),
  });
  return { proxy, world, clock, lines };
};

const turn = (): Promise<void> => new Promise((done) => void setImmediate(done));

const folder = suite("vscode/folder-proxy");

folder("runs what the file says, and what it says after a change", async () => {
  const { proxy, world } = setUp("version: 1");
  assert.is(proxy.status().state, "stopped");
  await proxy.start();
  assert.is(proxy.status().state, "running");
  assert.is(proxy.status().proxy?.listeners.length, 1);
  world.text = "version: 1 # new";
  await proxy.refresh();
  assert.is(world.deploys, 2);
});

folder("does not load a proxy for a file that is not there or says nothing, and runs once it does", async () => {
  const { proxy, world } = setUp();
  await proxy.start();
  assert.equal([proxy.status().state, proxy.status().hasFile], ["waiting", false]);
  world.text = " \n";
  await proxy.refresh();
  assert.equal([proxy.status().state, proxy.status().hasFile], ["waiting", false]);
  assert.is(world.servers, 0);
  world.text = "version: 1";
  await proxy.refresh();
  assert.equal([proxy.status().state, proxy.status().hasFile], ["running", true]);
});

folder("leaves a file alone that is as it was, unless what it refers to has changed", async () => {
  const { proxy, world } = setUp("version: 1");
  await proxy.start();
  await proxy.refresh();
  assert.is(world.deploys, 1);
  await proxy.refresh({ again: true });
  assert.is(world.deploys, 2);
});

folder("keeps what runs when the file breaks, and says what is wrong until it is mended", async () => {
  const { proxy, world } = setUp("version: 1");
  await proxy.start();
  world.text = "broken";
  await proxy.refresh();
  assert.equal([proxy.status().state, proxy.status().problems], ["running", [problem]]);
  world.text = "version: 1";
  await proxy.refresh();
  assert.equal([proxy.status().state, proxy.status().problems], ["running", []]);
});

folder("waits with a file that is held back, and keeps what runs meanwhile", async () => {
  const held: Outcome = { kind: "held", problems: [{ ...problem, severity: "warning" }] };
  const { proxy, world } = setUp("version: 1");
  world.outcomes = [held];
  await proxy.start();
  assert.equal([proxy.status().state, proxy.status().problems], ["waiting", held.problems]);
  await proxy.refresh({ again: true });
  assert.equal([proxy.status().state, proxy.status().problems], ["running", []]);
  world.outcomes = [held];
  world.text = "version: 1 # asks for more";
  await proxy.refresh();
  assert.equal([proxy.status().state, proxy.status().problems], ["running", held.problems]);
});

folder("is an error when the first file is broken", async () => {
  const { proxy } = setUp("broken");
  await proxy.start();
  assert.equal([proxy.status().state, proxy.status().problems], ["error", [problem]]);
});

folder("keeps what runs when the file goes away", async () => {
  const { proxy, world } = setUp("version: 1");
  await proxy.start();
  world.text = undefined;
  await proxy.refresh();
  assert.equal([proxy.status().state, proxy.status().hasFile], ["running", false]);
});

folder("stops, and stays so whatever happens to the file, until it is started again", async () => {
  const { proxy, world } = setUp("version: 1");
  await proxy.start();
  await proxy.stop();
  assert.equal(world.closed, [Infinity], "the file's own shutdown.grace is all that limits it");
  world.text = "version: 1 # new";
  await proxy.refresh();
  assert.is(proxy.status().state, "stopped");
  await proxy.start();
  assert.equal([proxy.status().state, world.servers], ["running", 2]);
});

folder("restarts without waiting for streams of the old proxy", async () => {
  const { proxy, world } = setUp("version: 1");
  await proxy.start();
  world.holdsClose = true;
  await proxy.restart();
  assert.equal([proxy.status().state, world.servers], ["running", 2]);
  world.holdsClose = false;
  let hasStopped = false;
  const stopped = proxy.stop().then(() => (hasStopped = true));
  await turn();
  assert.not(hasStopped, "the streams of the first are still awaited");
  world.letClose?.();
  await stopped;
});

folder("does not start what was stopped while it was loading", async () => {
  const { proxy, world } = setUp("version: 1");
  const loading = Promise.withResolvers<void>();
  world.made = loading.promise;
  const started = proxy.start();
  await turn();
  assert.is(proxy.status().state, "starting");
  await proxy.stop();
  loading.resolve();
  await started;
  assert.equal([proxy.status().state, world.deploys], ["stopped", 0]);
});

folder("stays stopped when it is stopped while the file is being brought into force", async () => {
  const { proxy, world } = setUp("version: 1");
  const deploying = Promise.withResolvers<void>();
  world.deploying = deploying.promise;
  const started = proxy.start();
  await turn();
  await proxy.stop();
  deploying.resolve();
  await started;
  assert.equal([proxy.status().state, world.closed.length], ["stopped", 1]);
});

folder("tries a taken port again, and takes it over once it is free", async () => {
  const { proxy, world, clock } = setUp("version: 1");
  world.outcomes = [taken, taken];
  await proxy.start();
  assert.equal([proxy.status().state, proxy.status().problems], ["waiting", []]);
  clock.advance(250);
  await turn();
  assert.is(proxy.status().state, "waiting");
  clock.advance(250);
  await turn();
  assert.is(proxy.status().state, "running");
  assert.is(clock.waiting, 0);
});

folder("gives up on a taken port after six seconds, and says why", async () => {
  const { proxy, world, clock } = setUp("version: 1");
  world.outcomes = Array.from({ length: 100 }, () => taken);
  await proxy.start();
  for (let ms = 0; ms < 6000; ms += 250) {
    assert.is(proxy.status().state, "waiting", `after ${ms} ms`);
    clock.advance(250);
    await turn();
  }
  assert.equal([proxy.status().state, proxy.status().problems], ["error", [problem]]);
  assert.is(clock.waiting, 0);
});

folder("does not wait for a port where an older configuration runs", async () => {
  const { proxy, world, clock } = setUp("version: 1");
  await proxy.start();
  world.outcomes = [taken];
  world.text = "version: 1 # another port";
  await proxy.refresh();
  assert.equal([proxy.status().state, proxy.status().problems], ["running", [problem]]);
  assert.is(clock.waiting, 0);
});

folder("forgets the port that it waits for when it is stopped", async () => {
  const { proxy, world, clock } = setUp("version: 1");
  world.outcomes = [taken];
  await proxy.start();
  await proxy.stop();
  assert.is(clock.waiting, 0);
  assert.equal([proxy.status().state, world.deploys], ["stopped", 1]);
});

folder("is an error that the log explains when it cannot be loaded", async () => {
  const { proxy, world, lines } = setUp("version: 1");
  world.made = Promise.reject(new Error("no such chunk"));
  await proxy.start();
  assert.is(proxy.status().state, "error");
  assert.match(String(lines.at(-1)?.fields["error"]), /no such chunk/);
});

folder.run();
