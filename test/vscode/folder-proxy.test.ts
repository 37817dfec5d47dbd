import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../src/config/problem.ts";
import { fileStart } from "../../src/config/positions.ts";
import type { Outcome } from "../../src/deployment.ts";
import type { ServerEvents } from "../../src/vscode/folder-proxy.ts";
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
    /** Each time what the file points to was told. */
    pointsTo: [] as (readonly string[])[],
    /** Whether somebody else has the port of what comes into force, and what is known of him. */
    isPortTaken: false,
    portProblems: [] as readonly Problem[],
    /** What the last server was given to tell of itself. */
    events: undefined as ServerEvents | undefined,
  };
  const createServer = async (events: ServerEvents) => {
    await world.made;
    world.servers += 1;
    world.events = events;
    let isClosed = false;
    let isInForce = false;
    const stateNow = (): ProxyState => (isClosed ? "draining" : !isInForce ? "stopped" : world.isPortTaken ? "waiting" : "running");
    return {
      problems: () => world.portProblems,
      status: (): ProxyStatus => ({ state: stateNow(), generation: "0", instance: "", version: "", listeners: [{ name: "local", url: "http://127.0.0.1:8080", state: "listening" }], routes: [], models: [], figures: noFigures }),
      async deploy(): Promise<Outcome> {
        world.deploys += 1;
        await world.deploying;
        const source = world.text;
        const outcome = world.outcomes.shift() ?? (source === undefined ? { kind: "missing" } : source.includes("broken") ? broken : { kind: "applied", problems: [] } as const);
        if (outcome.kind === "applied") isInForce = true;
        return outcome;
      },
      close(graceMs: number): Promise<void> {
        world.closed.push(graceMs);
        isClosed = true;
        return world.holdsClose ? new Promise((resolve) => (world.letClose = resolve)) : Promise.resolve();
      },
    };
  };
  const proxy = new FolderProxy({
    name: "project", clock, log, createServer,
    read: async () => (world.text === undefined ? undefined : new TextEncoder().encode(world.text)),
    onChange: () => void (world.changes += 1),
    onPointsTo: (files) => void world.pointsTo.push(files),
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

folder("waits for its port while another window has it, runs once it has it, and reads the file no other time", async () => {
  const { proxy, world, clock } = setUp("version: 1");
  world.isPortTaken = true;
  await proxy.start();
  assert.equal([proxy.status().state, proxy.status().waitsFor, proxy.status().problems], ["waiting", "port", []]);
  await proxy.refresh();
  assert.is(world.deploys, 1);
  world.isPortTaken = false;
  const { changes } = world;
  world.events?.onChange();
  assert.equal([proxy.status().state, proxy.status().waitsFor, world.changes], ["running", undefined, changes + 1]);
  assert.is(clock.waiting, 0);
});

folder("shows who has its port, at the line that asks for it, until he lets go of it", async () => {
  const { proxy, world, lines } = setUp("version: 1");
  world.isPortTaken = true;
  await proxy.start();
  world.portProblems = [problem];
  world.events?.onChange();
  const { problems } = proxy.status();
  assert.equal([proxy.status().state, problems], ["error", [problem]]);
  world.events?.onChange();
  assert.is(proxy.status().problems, problems, "what is shown already is not shown anew");
  assert.is(lines.filter(({ event }) => event === "a port is taken").length, 1);
  world.isPortTaken = false;
  world.portProblems = [];
  world.events?.onChange();
  assert.equal([proxy.status().state, proxy.status().problems], ["running", []]);
});

folder("shows beside a broken file no problem of the one before, whose lines are others", async () => {
  const { proxy, world } = setUp("version: 1");
  world.portProblems = [{ ...problem, message: "Taken." }];
  await proxy.start();
  assert.equal([proxy.status().state, proxy.status().problems, proxy.status().isOutdated], ["running", world.portProblems, false]);
  world.text = "broken";
  await proxy.refresh();
  assert.equal([proxy.status().state, proxy.status().problems, proxy.status().isOutdated], ["running", [problem], true]);
});

folder("tries again once the way is free that a file was refused for", async () => {
  const { proxy, world } = setUp("version: 1");
  await proxy.start();
  world.outcomes = [taken];
  world.text = "version: 1 # another port";
  await proxy.refresh();
  assert.equal(proxy.status().problems, [problem]);
  world.events?.onWayFree();
  await turn();
  assert.equal([world.deploys, proxy.status().state, proxy.status().problems], [3, "running", []]);
});

folder("says what the file points to, also while it is refused, and nothing while that is not known", async () => {
  const { proxy, world } = setUp("version: 1");
  world.outcomes = [{ kind: "rejected", problems: [problem], files: ["ci.key"] }, broken, { kind: "applied", problems: [], files: [] }];
  await proxy.start();
  await proxy.refresh({ again: true });
  await proxy.refresh({ again: true });
  assert.equal(world.pointsTo, [["ci.key"], []]);
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
