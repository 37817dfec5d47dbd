import { suite } from "uvu";
import * as assert from "uvu/assert";
import { echo } from "./support/config.ts";
import { withServer } from "./support/test-server.ts";

const closing = suite("proxy/close");

/** A first part at once, the second after an hour: an answer that is under way for as long as anybody waits. */
const endless = echo("endless", { parts: 2, delayMs: 3_600_000 });
const request = { model: "endless", stream: true, messages: [{ role: "user", content: "Hi" }] };

/** Opens the stream and gives its first bytes; what comes after them is for the test to read. */
const openStream = async (answer: Promise<Response>): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
  const reader = (await answer).body?.getReader();
  assert.ok(reader);
  await reader.read();
  return reader;
};

const readToEnd = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<"ended" | "broken off"> => {
  try {
    for (;;) if ((await reader.read()).done) return "ended";
  } catch {
    return "broken off";
  }
};

closing("breaks off what is under way after the file's own grace", async () => {
  await withServer({ config: { models: [endless], shutdown: { graceMs: 50 } } }, async ({ post, proxy }) => {
    const reader = await openStream(post(request));
    const end = readToEnd(reader);
    await proxy.close();
    assert.is(await end, "broken off");
    assert.is(proxy.status().state, "stopped");
  });
});

closing("gives no more time than whoever closes has, whatever the file says", async () => {
  await withServer({ config: { models: [endless], shutdown: { graceMs: 3_600_000 } } }, async ({ post, proxy }) => {
    const reader = await openStream(post(request));
    const end = readToEnd(reader);
    await proxy.close(50);
    assert.is(await end, "broken off");
  });
});

closing("lets an answer end that ends within the grace", async () => {
  const short = echo("short", { parts: 3, delayMs: 20 });
  await withServer({ config: { models: [short], shutdown: { graceMs: 60_000 } } }, async ({ post, proxy }) => {
    const reader = await openStream(post({ ...request, model: "short" }));
    const end = readToEnd(reader);
    await proxy.close();
    assert.is(await end, "ended");
  });
});

closing.run();
