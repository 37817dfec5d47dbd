import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyEdits } from "../src/config/fix.ts";
import { load, type Loaded } from "../src/config/load.ts";
import { createOffsets } from "../src/config/positions.ts";
import { createDeployment, type Deployment, type Outcome } from "../src/deployment.ts";
import { freePort, occupy, portOf, release } from "./support/ports.ts";
import { withProxies, type TestProxy } from "./support/test-proxy.ts";

/** A file that a test writes by assignment, and what deploys it. */
interface Setting {
  readonly test: TestProxy;
  readonly deployment: Deployment;
  readonly file: {
    text: string | undefined;
    error?: Error;
    /** How often it was read. */
    reads: number;
    /** Settles before the next read gives an answer. */
    gate?: Promise<void>;
    load: (source: Uint8Array) => Promise<Loaded>;
  };
}

const withDeployment = (text: string | undefined, work: (setting: Setting) => Promise<void>, create = withProxies): Promise<void> =>
  create(async (createProxy) => {
    const test = createProxy();
    const file: Setting["file"] = { text, reads: 0, load: (source) => load(source) };
    const deployment = createDeployment({
      proxy: test.proxy,
      async read() {
        file.reads += 1;
        await file.gate;
        if (file.error !== undefined) throw file.error;
        return file.text === undefined ? undefined : new TextEncoder().encode(file.text);
      },
      load: (source) => file.load(source),
    });
    await work({ test, deployment, file });
  });

const fileOn = (port: number, reply = "Hi"): string => `version: 1\nlisteners:\n  local:\n    ports: ${port}\nmodels: { a: { echo: { reply: ${reply} } } }\n`;

const problemsOf = (outcome: Outcome): readonly string[] => ("problems" in outcome ? outcome.problems.map(({ range: { start }, message }) => `${start.line}:${start.column} ${message}`) : []);

const generationOf = ({ proxy }: TestProxy): string => proxy.status().generation;

const cases = suite("deployment");

cases("brings a file into force, says when nothing in it is new, and keeps the last good one", async () => {
  const port = await freePort();
  await withDeployment(fileOn(port), async ({ test, deployment, file }) => {
    assert.is((await deployment.deploy()).kind, "applied");
    const generation = generationOf(test);
    file.text = `# a comment means nothing\n${fileOn(port)}`;
    assert.is((await deployment.deploy()).kind, "unchanged");
    for (const invalid of ["version: 2\n", "version: 1\nlisteners: {", "version: 1\nport: 8080\n", "version: 1\u0000"]) {
      file.text = invalid;
      const outcome = await deployment.deploy();
      assert.is(outcome.kind, "rejected", invalid);
      assert.is(problemsOf(outcome).length, 1, invalid);
      assert.equal([generationOf(test), test.proxy.status().state], [generation, "running"], invalid);
    }
    file.text = fileOn(port, "other");
    assert.is((await deployment.deploy()).kind, "applied");
    assert.is.not(generationOf(test), generation);
  });
});

cases("invalid, valid, invalid: starts with the first good one and keeps it", async () => {
  const port = await freePort();
  await withDeployment("version: 2\n", async ({ test, deployment, file }) => {
    assert.is((await deployment.deploy()).kind, "rejected");
    assert.is(test.proxy.status().state, "stopped");
    file.text = fileOn(port);
    assert.is((await deployment.deploy()).kind, "applied");
    file.text = "version: 3\n";
    assert.is((await deployment.deploy()).kind, "rejected");
    assert.is(test.proxy.status().state, "running");
  });
});

cases("waits for a file that is not there or says nothing, and lets run what runs", async () => {
  await withDeployment(undefined, async ({ test, deployment, file }) => {
    assert.equal(await deployment.deploy(), { kind: "missing" });
    file.text = "# nothing yet\n";
    assert.equal(await deployment.deploy(), { kind: "empty" });
    assert.is(test.proxy.status().state, "stopped");
    file.text = fileOn(await freePort());
    await deployment.deploy();
    const generation = generationOf(test);
    for (const [text, kind] of [[undefined, "missing"], ["", "empty"], ["\n\n", "empty"]] as const) {
      file.text = text;
      assert.equal(await deployment.deploy(), { kind });
      assert.equal([generationOf(test), test.proxy.status().state], [generation, "running"]);
    }
  });
});

cases("a file that cannot be read is a problem, whatever stands in its place", async () => {
  await withDeployment(fileOn(await freePort()), async ({ test, deployment, file }) => {
    await deployment.deploy();
    for (const code of ["EISDIR", "EACCES", "ENOTSUP", "ELOOP", "EIO"]) {
      file.error = Object.assign(new Error(code), { code });
      const outcome = await deployment.deploy();
      assert.is(outcome.kind, "rejected");
      assert.match(problemsOf(outcome)[0] ?? "", /^1:1 ./);
      assert.is(test.proxy.status().state, "running");
    }
  });
});

cases("a port that is taken is a problem at its line", async () => {
  const stranger = await occupy();
  try {
    await withDeployment(fileOn(portOf(stranger)), async ({ deployment }) => {
      const outcome = await deployment.deploy();
      assert.is(outcome.kind === "rejected" && outcome.bindError, "EADDRINUSE");
      assert.match(problemsOf(outcome)[0] ?? "", /^4:12 .*has the port/);
    });
  } finally {
    await release(stranger);
  }
});

cases("offers the way out of a taken port, however the file asks for it", async () => {
  const stranger = await occupy();
  const port = portOf(stranger);
  const models = "models: { a: { echo: {} } }\n";
  try {
    for (const listeners of [`listeners: { local: { ports: ${port} } }\n`, `listeners:\n  local:\n    ports:\n      - ${port}\n`]) {
      const text = `version: 1\n${listeners}${models}`;
      await withDeployment(text, async ({ deployment, file }) => {
        const outcome = await deployment.deploy();
        const fixes = outcome.kind === "rejected" ? outcome.problems[0]?.fixes ?? [] : [];
        assert.is(fixes.length, 2, text);
        assert.match(fixes[0]?.title ?? "", /^Change to port \d+$/);
        for (const { title, edits } of fixes) {
          file.text = applyEdits(text, edits, createOffsets(text));
          assert.equal([title, (await deployment.deploy()).kind], [title, "applied"]);
        }
      });
    }
  } finally {
    await release(stranger);
  }
});

cases("a port that turns out to be a stranger's is a problem at its line, later", async () => {
  const stranger = await occupy();
  try {
    await withDeployment(`version: 1\nlisteners:\n  local: { ports: ${portOf(stranger)}, ifBusy: wait }\nmodels: { a: { echo: {} } }\n`, async ({ test, deployment }) => {
      assert.is((await deployment.deploy()).kind, "applied");
      assert.equal(deployment.problems(), []);
      for (let second = 1; second <= 6; second += 1) await test.second();
      await test.until(([listener]) => listener?.problem !== undefined);
      assert.equal(deployment.problems().map(({ path, range: { start } }) => [path, start.line]), [[["listeners", "local", "ports", 0], 3]]);
    });
  } finally {
    await release(stranger);
  }
});

cases("calls while one is under way are one more, which sees the last content", async () => {
  const port = await freePort();
  await withDeployment(fileOn(port), async ({ deployment, file }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    file.gate = promise;
    const first = deployment.deploy();
    // Until it begins to read, the second is the same; then all later ones are one.
    await new Promise(setImmediate);
    const later = Array.from({ length: 20 }, (_, index) => {
      file.text = fileOn(port, `reply-${index}`);
      return deployment.deploy();
    });
    resolve();
    const outcomes = await Promise.all([first, ...later]);
    assert.is(file.reads, 2);
    assert.is(new Set(outcomes.slice(1)).size, 1, "one outcome for all");
    assert.is(outcomes.at(-1)?.kind, "unchanged", "the first read came late enough to see the last content");
  });
});

cases("goes on after a fault of the proxy's own, which it calls by that name", async () => {
  const port = await freePort();
  await withDeployment(fileOn(port), async ({ test, deployment, file }) => {
    const { load: loadWell } = file;
    file.load = () => Promise.reject(new Error("a bug"));
    const outcomes = await Promise.all([deployment.deploy(), deployment.deploy()]);
    for (const outcome of outcomes) assert.match(problemsOf(outcome)[0] ?? "", "a bug");
    file.load = loadWell;
    assert.is((await deployment.deploy()).kind, "applied");
    assert.is(test.proxy.status().state, "running");
  });
});

cases("a stop while the file is read is followed by no start", async () => {
  await withDeployment(fileOn(await freePort()), async ({ test, deployment, file }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    file.gate = promise;
    const deploying = deployment.deploy();
    await new Promise(setImmediate);
    const queued = deployment.deploy();
    const closed = deployment.close(0);
    resolve();
    assert.equal(await Promise.all([deploying, queued, closed]), [{ kind: "closed" }, { kind: "closed" }, undefined]);
    assert.equal(await deployment.deploy(), { kind: "closed" });
    assert.is(test.proxy.status().state, "stopped");
  });
});

cases("says which other files it points to, also while it is refused for one of them", async () => {
  await withDeployment("version: 1\nlisteners: { local: { tls: { certFile: a.pem, keyFile: a.key } } }\n", async ({ deployment, file }) => {
    file.load = (source) => load(source, { files: { read: async (path) => ({ missing: `The file ${path} is not there.`, hint: "Put it there." }) } });
    const outcome = await deployment.deploy();
    assert.is(outcome.kind, "rejected");
    assert.equal("files" in outcome && outcome.files, ["a.pem", "a.key"]);
  });
});

cases.run();
