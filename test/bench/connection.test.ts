import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createAnswerReader, type Answer } from "./connection.ts";

const connection = suite("bench/connection");

/** What comes of an answer's bytes, given in pieces of `size`; how many were needed. */
const read = (text: string, size: number): { answer: Answer | undefined; used: number } => {
  const reader = createAnswerReader();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    const answer = reader.add(bytes.subarray(at, at + size));
    if (answer !== undefined) return { answer, used: Math.min(at + size, bytes.length) };
  }
  return { answer: undefined, used: bytes.length };
};

const plain = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nprüfe.";
const chunked = "HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n9\r\n 0\r\n\r\n so\r\n0\r\n\r\n";

for (const size of [1, 2, 7, 1000]) {
  connection(`a body with a length is whole at its last byte, in pieces of ${size}`, () => {
    assert.equal(read(plain, size), { answer: { status: 200, body: "prüfe." }, used: Buffer.byteLength(plain) });
  });
  connection(`chunks are whole at the last one and not at what looks like it, in pieces of ${size}`, () => {
    assert.equal(read(chunked, size), { answer: { status: 503, body: "hello 0\r\n\r\n so" }, used: chunked.length });
  });
}

connection("an answer that breaks off is none", () => {
  assert.is(read(plain.slice(0, -1), 5).answer, undefined);
  assert.is(read(chunked.slice(0, -1), 5).answer, undefined);
});

connection.run();
