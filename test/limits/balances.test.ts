import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createBalanceKeeper, renderBalances, restoreBalances, type Tables } from "../../src/limits/balances.ts";
import { createMemoryStore } from "../../src/limits/memory-store.ts";
import type { Demand, KeptText, Verdict } from "../../src/services.ts";
import { echo, routeOf } from "../support/config.ts";
import { createHandClock } from "../support/hand-clock.ts";
import { createTestServices } from "../support/services.ts";
import { ask } from "../support/test-app.ts";
import { withServer } from "../support/test-server.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("limits/balances");

const dayMs = 86_400_000;
const demand = (subject = "key ci", changes: Partial<Demand> = {}): Demand => ({ limit: "route main requestsPerDay", subject, size: 10, periodMs: dayMs, cost: 1, ...changes });

const createKept = (text?: string): KeptText & { text: string | undefined; writes: number } => ({
  text,
  writes: 0,
  async read() {
    return this.text;
  },
  async write(written) {
    this.text = written;
    this.writes += 1;
  },
});

cases("a day's balance goes on where it was, and has refilled meanwhile", () => {
  const clock = createHandClock();
  const [before, after]: Tables[] = [new Map(), new Map()];
  const store = createMemoryStore(clock, before);
  for (let count = 0; count < 8; count += 1) void store.take([demand()]);
  void store.take([demand("key ann")]);
  const text = renderBalances(before ?? new Map());
  clock.advance(dayMs / 10);
  restoreBalances(text, after ?? new Map());
  const restored = createMemoryStore(clock, after);
  assert.is((restored.take([demand()]) as Verdict).standings[0]?.remaining, 2);
  assert.is((restored.take([demand("key ann")]) as Verdict).standings[0]?.remaining, 9);
  assert.is((restored.take([demand("key new")]) as Verdict).standings[0]?.remaining, 9);
});

cases("keeps debts, but nothing of minutes and nothing that is full", () => {
  const tables: Tables = new Map();
  const store = createMemoryStore(createHandClock(), tables);
  void store.take([demand("key ci", { limit: "route main requestsPerMinute", periodMs: 60_000 })]);
  void store.take([demand("key ci", { limit: "route main tokensPerDay", cost: 0 })]);
  assert.is(renderBalances(tables), "");
  void store.charge([demand("key ci", { limit: "route main tokensPerDay", cost: 0 })], 25);
  const after: Tables = new Map();
  restoreBalances(renderBalances(tables), after);
  const standing = (createMemoryStore(createHandClock(), after).take([demand("key ci", { limit: "route main tokensPerDay", cost: 0 })]) as Verdict).standings[0];
  assert.is(standing?.waitMs, dayMs * 1.5 + 1);
});

cases("takes nothing from text that is none of ours", () => {
  for (const text of ["", "null", "{}", "[1, null, [], [\"a\"]]", '[["a", 0, 5, []]]', '[["a", 1.5, 5, []]]', '[["a", 1, 5, {}]]', "not json", "[".repeat(100_000)]) {
    const tables: Tables = new Map();
    restoreBalances(text, tables);
    assert.is(tables.size, 0, text.slice(0, 40));
  }
  fc.assert(fc.property(fc.json(), (text) => restoreBalances(text, new Map())), { numRuns: 200 });
});

cases("writes when something has changed, twice a minute at most, and once more at the end", async () => {
  const services = createTestServices();
  const tables: Tables = new Map();
  const store = createMemoryStore(services.clock, tables);
  const kept = createKept();
  const keeper = createBalanceKeeper(tables, kept, services);
  await keeper.start();
  services.clock.advance(300_000);
  assert.is(kept.writes, 0);
  for (let count = 0; count < 5; count += 1) void store.take([demand()]);
  services.clock.advance(29_999);
  assert.is(kept.writes, 0);
  services.clock.advance(30_000);
  await nextTurn();
  assert.is(kept.writes, 1);
  void store.take([demand()]);
  await keeper.stop();
  await keeper.stop();
  assert.is(kept.writes, 2);
  assert.is(services.clock.waiting, 0);
});

cases("a place that cannot be written is a warning, and nothing else", async () => {
  const services = createTestServices();
  const tables: Tables = new Map();
  const kept: KeptText = { read: () => Promise.reject(new Error("no")), write: () => Promise.reject(new Error("disk full")) };
  const keeper = createBalanceKeeper(tables, kept, services);
  await keeper.start();
  void createMemoryStore(services.clock, tables).take([demand()]);
  await keeper.stop();
  assert.equal(services.lines.map(({ level, fields }) => [level, fields["error"]]), [["warn", "disk full"]]);
});

cases("a proxy that is started again remembers who has used up a day", async () => {
  const balances = createKept();
  const config = { models: [echo("echo")], routes: [routeOf({ rateLimit: { per: "route", requestsPerDay: 2, requestsPerMinute: 100 } as const })] };
  const statuses: number[] = [];
  for (let run = 0; run < 2; run += 1) {
    await withServer({ config, balances }, async ({ post }) => {
      for (let count = 0; count < 2; count += 1) {
        const response = await post(ask({ model: "echo" }));
        await response.text();
        statuses.push(response.status);
      }
    });
  }
  assert.equal(statuses, [200, 200, 429, 429]);
  assert.not.match(balances.text ?? "", "requestsPerMinute");
});

cases.run();
