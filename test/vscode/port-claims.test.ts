import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyEdits } from "../../src/config/fix.ts";
import { load, type Loaded } from "../../src/config/load.ts";
import { createOffsets } from "../../src/config/positions.ts";
import { createHandClock } from "../support/hand-clock.ts";
import { createPortClaims, type PortClaims } from "../../src/vscode/port-claims.ts";

const claim = async (claims: PortClaims, file: string, text: string, onWayFree = (): void => {}): Promise<Loaded> => claims.claim(file, await load(text), onWayFree);
const port = (number: number | string, host = "127.0.0.1"): string => `version: 1\nlisteners:\n  local:\n    host: ${host}\n    ports: ${number}\n`;

const ports = suite("vscode/port-claims");

ports("tells the second of two folders who has its port, at its own line", async () => {
  const claims = createPortClaims(createHandClock());
  assert.is((await claim(claims, "/a/.llmproxy.yaml", port(8080))).problems.length, 0);
  const { config, problems } = await claim(claims, "/b/.llmproxy.yaml", port("[8081, 8080]"));
  assert.is(config, undefined);
  assert.is(problems.length, 1);
  assert.match(problems[0]?.message ?? "", /127\.0\.0\.1:8080.*\/a\/\.llmproxy\.yaml:5/);
  assert.is(problems[0]?.range.start.line, 5);
});

ports("offers the next port that neither folder asks for", async () => {
  const claims = createPortClaims(createHandClock());
  await claim(claims, "/a", port("[8080, 8081]"));
  const text = port("[8082, 8080]");
  const [fix] = (await claim(claims, "/b", text)).problems[0]?.fixes ?? [];
  const fixed = applyEdits(text, fix?.edits ?? [], createOffsets(text));
  assert.is(fixed, port("[8082, 8083]"));
  assert.ok((await claim(claims, "/b", fixed)).config);
});

ports("lets a folder ask again for what it has, and another for what it gave up", async () => {
  const claims = createPortClaims(createHandClock());
  await claim(claims, "/a", port(8080));
  assert.ok((await claim(claims, "/a", port(8080))).config);
  assert.ok((await claim(claims, "/a", port(9090))).config);
  assert.ok((await claim(claims, "/b", port(8080))).config);
  claims.release("/b");
  assert.ok((await claim(claims, "/c", port(8080))).config);
});

ports("keeps a folder's claim while its file is broken", async () => {
  const claims = createPortClaims(createHandClock());
  await claim(claims, "/a", port(8080));
  await claim(claims, "/a", "broken: [");
  assert.is((await claim(claims, "/b", port(8080))).config, undefined);
});

ports("tells a folder that was refused once the other asks for less or goes, and no other time", async () => {
  const clock = createHandClock();
  const claims = createPortClaims(clock);
  let told = 0;
  const ask = (): Promise<Loaded> => claim(claims, "/b", port(8080), () => void (told += 1));
  await claim(claims, "/a", port("[8080, 8081]"));
  await ask();
  await claim(claims, "/a", port("[8080, 8081]"));
  assert.is(told, 0);
  await claim(claims, "/a", port(8080));
  assert.is(told, 1, "less is reason enough to ask again");
  assert.is((await ask()).config, undefined);
  claims.release("/a");
  await claim(claims, "/a", port(8080));
  clock.advance(1000);
  assert.is(told, 2);
  assert.is((await ask()).config, undefined, "the other has only started anew");
  claims.release("/a");
  assert.is(told, 2, "for a moment nobody has it");
  clock.advance(1000);
  assert.is(told, 3);
  assert.ok((await ask()).config);
  claims.release("/b");
  clock.advance(1000);
  assert.is(told, 3);
});

ports("lets any free port and other addresses be", async () => {
  const claims = createPortClaims(createHandClock());
  await claim(claims, "/a", port("[0, 8080]"));
  assert.ok((await claim(claims, "/b", port(0))).config);
  assert.ok((await claim(claims, "/c", port(8080, '"::1"'))).config);
  assert.is((await claim(claims, "/d", port(8080, "localhost"))).config, undefined);
});

ports.run();
