// The load, from a process of its own: what the client costs is no part of what the servers cost.
import { openConnection, type Answer } from "./connection.ts";
import type { Load, LoadResult } from "./messages.ts";

/** Asks on all connections at once, each as soon as it has its answer, until all requests are answered. */
const run = async ({ port, body, parts, connections, requests }: Load): Promise<LoadResult> => {
  const request = Buffer.from(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n`
      + `user-agent: llm-proxy-bench\r\naccept: */*\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(port)));
  let asked = 0;
  let whole = 0;
  const began = performance.now();
  await Promise.all(
    open.map(async (connection) => {
      while (asked < requests) {
        asked += 1;
        if (isWhole(await connection.ask(request), parts)) whole += 1;
      }
    }),
  );
  const milliseconds = performance.now() - began;
  for (const connection of open) connection.close();
  return { milliseconds, lost: requests - whole };
};

/** Whether an answer is a good one and nothing of it is missing. */
const isWhole = (answer: Answer | undefined, parts: number | undefined): boolean => {
  if (answer?.status !== 200) return false;
  if (parts === undefined) return answer.body.includes('"finish_reason":"stop"');
  return answer.body.endsWith("data: [DONE]\n\n") && answer.body.split('"delta":{"content":').length - 1 === parts;
};

process.on("message", (load) => {
  void run(load as Load).then((result) => process.send?.(result));
});
