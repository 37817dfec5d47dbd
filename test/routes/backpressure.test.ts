import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connectRaw, rawPost } from "../support/raw-client.ts";

const childPath = fileURLToPath(new URL("backpressure-child.ts", import.meta.url));

const next = async <Message>(child: ChildProcess): Promise<Message> => ((await once(child, "message")) as [Message])[0];

interface Measured {
  readonly rss: number;
  /** How many batches the model has been asked for so far, by all requests. */
  readonly pulled: number;
}

const measure = (child: ChildProcess): Promise<Measured> => {
  child.send("measure");
  return next(child);
};

const withChild = async (work: (child: ChildProcess, port: number) => Promise<void>): Promise<void> => {
  const child = fork(childPath, [], { execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"] });
  const ended = once(child, "exit");
  try {
    await work(child, (await next<{ port: number }>(child)).port);
  } finally {
    if (child.connected) child.disconnect();
    await ended;
  }
};

const request = rawPost({ model: "long", stream: true, messages: [{ role: "user", content: "x" }] }, ["Connection: close"]);

const pressure = suite("routes/backpressure");

pressure("a client that stops reading 50 MB stops the model, costs 10 MB at most, and gets it all when it reads on", () =>
  withChild(async (child, port) => {
    // One that reads all of it, so that what a first request costs is not counted.
    const warm = await connectRaw(port);
    warm.write(request);
    await warm.closed();
    const before = await measure(child);
    assert.is(before.pulled, 50);

    const client = await connectRaw(port);
    client.write(request);
    await client.until(/200 OK/);
    client.socket.pause();
    const stalled = await measure(child);
    const pulled = stalled.pulled - before.pulled;
    assert.ok(pulled < 25, `the model was asked for ${pulled} MB of 50 that nobody reads`);
    const grown = (stalled.rss - before.rss) / 1_000_000;
    assert.ok(grown <= 10, `memory grew by ${grown.toFixed(1)} MB`);

    client.socket.resume();
    const received = await client.closed();
    assert.is(received.match(/xxx+/g)?.join("").length, 50 * 999_999);
    assert.match(received.slice(-100), "data: [DONE]");
  }));

pressure.run();
