import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reconcile, type SocketSpec } from "../../src/listeners/reconcile.ts";

const at = (listener: string, host: string, port: number): SocketSpec => ({ listener, host, port });

const reconciling = suite("listeners/reconcile");

reconciling("keeps what is wanted again, opens what is new, closes what is gone", () => {
  const [a, b] = [at("a", "127.0.0.1", 1001), at("a", "127.0.0.1", 1002)];
  const wanted = [at("a", "127.0.0.1", 1002), at("a", "127.0.0.1", 1003)];
  assert.equal(reconcile([a, b], wanted), {
    wanted,
    keep: [{ open: b, wanted: wanted[0] }],
    open: [{ wanted: wanted[1], after: [] }],
    close: [a],
  });
});

reconciling("lets two listeners swap their ports without binding any", () => {
  const open = [at("a", "127.0.0.1", 1001), at("b", "127.0.0.1", 1002)];
  const plan = reconcile(open, [at("a", "127.0.0.1", 1002), at("b", "127.0.0.1", 1001)]);
  assert.equal(plan.keep.map(({ open: { port }, wanted: { listener } }) => [listener, port]), [["a", 1002], ["b", 1001]]);
  assert.equal([plan.open, plan.close], [[], []]);
});

reconciling("makes a socket wait for the one that holds its port at another address", () => {
  const old = at("a", "127.0.0.1", 1001);
  const { open, close } = reconcile([old], [at("a", "0.0.0.0", 1001)]);
  assert.equal(open, [{ wanted: at("a", "0.0.0.0", 1001), after: [old] }]);
  assert.equal(close, [old]);
});

reconciling("keeps any free port for its own listener, as many as are wanted", () => {
  const open = [at("a", "127.0.0.1", 0), at("a", "127.0.0.1", 0), at("b", "127.0.0.1", 0)];
  const plan = reconcile(open, [at("a", "127.0.0.1", 0), at("b", "127.0.0.1", 0), at("b", "127.0.0.1", 0)]);
  assert.is(plan.keep.length, 2);
  assert.equal(plan.open, [{ wanted: at("b", "127.0.0.1", 0), after: [] }]);
  assert.equal(plan.close, [open[1]]);
});

const socket = fc.record({
  listener: fc.constantFrom("a", "b"),
  host: fc.constantFrom("127.0.0.1", "0.0.0.0", "::1"),
  port: fc.constantFrom(0, 1001, 1002, 1003),
});
/** As configurations have it: no host and port twice, but for 0. */
const sockets = fc.uniqueArray(socket, { maxLength: 8, selector: ({ host, port, listener }) => (port === 0 ? `${listener}${host}` : `${host}${port}`) });
const keyOf = ({ listener, host, port }: SocketSpec): string => (port === 0 ? `${listener} ${host} 0` : `${host} ${port}`);

reconciling("for any change: every socket has one fate, nothing wanted again is bound again, what waits is closing", () => {
  fc.assert(fc.property(sockets, sockets, (open, wanted) => {
    const plan = reconcile(open, wanted);
    const kept = plan.keep.map((pair) => pair.open);
    assert.equal(new Set([...kept, ...plan.close]), new Set(open));
    assert.is(kept.length + plan.close.length, open.length);
    assert.equal([...plan.keep, ...plan.open].map((item) => item.wanted).toSorted(byKey), wanted.toSorted(byKey));
    for (const pair of plan.keep) assert.is(keyOf(pair.open), keyOf(pair.wanted));
    const keys = new Set(open.map(keyOf));
    for (const item of plan.open) {
      assert.not.ok(keys.has(keyOf(item.wanted)), "a bound port is bound again");
      assert.equal(item.after, plan.close.filter(({ port }) => port !== 0 && port === item.wanted.port));
    }
  }));
});

reconciling("for any configuration: coming from itself changes nothing", () => {
  fc.assert(fc.property(sockets, (same) => {
    const { keep, open, close } = reconcile(same, same.map((spec) => ({ ...spec })));
    assert.equal([keep.length, open, close], [same.length, [], []]);
  }));
});

const byKey = (a: SocketSpec, b: SocketSpec): number => JSON.stringify(a).localeCompare(JSON.stringify(b));

reconciling.run();
