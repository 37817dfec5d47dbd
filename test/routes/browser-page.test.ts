// runner: deadline 120 s, needs chromium
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { echo, listenerOf } from "../support/config.ts";
import { leaveOut } from "../support/leave-out.ts";
import { streamedText } from "../support/read.ts";
import { ask } from "../support/test-app.ts";
import { withServer } from "../support/test-server.ts";
import { findChromium } from "../support/tools.ts";

const executablePath = findChromium();
if (executablePath === undefined) leaveOut("no Chromium was found");

/** As root, Chromium has no sandbox; the rest keeps it from calling anyone. */
const quietFlags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const cases = suite("routes/browser-page");

/** An empty page on an origin of its own. */
const servePage = async (): Promise<{ readonly server: Server; readonly origin: string }> => {
  const server = createServer((_request, response) => void response.setHeader("content-type", "text/html").end("<title>page</title>"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

interface Seen {
  readonly failed?: string;
  readonly status?: number;
  readonly text?: string;
  readonly pieces?: number;
  /** A header that only a page sees that it is exposed to. */
  readonly requestId?: string | null;
}

/** What a page gets when it asks as OpenAI's client does in a browser. */
const askFrom = (page: Page, url: string, body: unknown): Promise<Seen> =>
  page.evaluate(async ([target, text]) => {
    try {
      const response = await fetch(target, { method: "POST", headers: { "content-type": "application/json", "authorization": "Bearer x", "x-stainless-lang": "js" }, body: text });
      const reader = response.body?.getReader();
      const decoder = new TextDecoder();
      let whole = "";
      let pieces = 0;
      for (;;) {
        const { done, value } = (await reader?.read() ?? { done: true }) as { done: boolean; value?: Uint8Array };
        if (done) return { status: response.status, text: whole, pieces, requestId: response.headers.get("x-request-id") };
        whole += decoder.decode(value, { stream: true });
        pieces += 1;
      }
    } catch (error) {
      return { failed: String(error) };
    }
  }, [url, JSON.stringify(body)] as const);

cases("a page on a listed origin streams, one on another is refused, and so is its WebSocket", async () => {
  const [listed, other] = [await servePage(), await servePage()];
  const browser = await chromium.launch({ executablePath: executablePath ?? "", args: quietFlags });
  try {
    const config = { models: [echo("slow", { reply: "one two three four", delayMs: 60 })], listeners: [listenerOf({ cors: { allowOrigins: [listed.origin], maxAgeSeconds: 600 } })] };
    await withServer({ config }, async ({ url }) => {
      const page = await browser.newPage();
      await page.goto(listed.origin);
      const seen = await askFrom(page, `${url}/v1/chat/completions`, ask({ model: "slow", stream: true }));
      assert.is(seen.status, 200, seen.failed);
      assert.is(streamedText(seen.text ?? ""), "one two three four");
      assert.ok((seen.pieces ?? 0) > 1, "the stream came in one piece");
      assert.type(seen.requestId, "string");
      const refused = await askFrom(page, `${url}/v1/chat/completions`, ask({ model: "nope" }));
      assert.is(refused.status, 404);
      assert.match(refused.text ?? "", "model_not_found");

      await page.goto(other.origin);
      assert.match((await askFrom(page, `${url}/v1/chat/completions`, ask({ model: "slow" }))).failed ?? "", "Failed to fetch");
      const opened = await page.evaluate((target) => new Promise((resolve) => {
        const socket = new WebSocket(target);
        socket.addEventListener("open", () => resolve("open"));
        socket.addEventListener("error", () => resolve("refused"));
      }), `${url.replace("http", "ws")}/v1/chat/completions`);
      assert.is(opened, "refused");
    });
  } finally {
    await browser.close();
    listed.server.close();
    other.server.close();
  }
});

cases.run();
