import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reconcile, type BoundSocket, type SocketSpec } from "../../src/listeners/reconcile.ts";

const at = (listener: string, host: string, port: number, isSecure = false): SocketSpec =>
  ({ listener, host, port, ifBusy: "fail", ...(isSecure ? { tls: { cert: "", key: "" } } : {}) });

/** A socket that is open; where another port was found than asked for, that is `found`. */
const bound = (spec: SocketSpec, found = spec.port): BoundSocket => ({ spec, bound: { port: found } });

const reconciling = suite("listeners/reconcile");

reconciling("keeps what is wanted again, opens what is new, closes what is gone", () => {
  const [a, b] = [bound(at("a", "127.0.0.1", 1001)), bound(at("a", "127.0.0.1", 1002))];
  const wanted = [at("a", "127.0.0.1", 1002), at("a", "127.0.0.1", 1003)];
  assert.equal(reconcile([a, b], wanted), {
    wanted,
    keep: [{ open: b, wanted: wanted[0] }],
    open: [{ wanted: wanted[1], after: [] }],
    close: [a],
  });
});

reconciling("lets two listeners swap their ports without binding any", () => {
  const open = [bound(at("a", "127.0.0.1", 1001)), bound(at("b", "127.0.0.1", 1002))];
  const plan = reconcile(open, [at("a", "127.0.0.1", 1002), at("b", "127.0.0.1", 1001)]);
  assert.equal(plan.keep.map((pair) => [pair.wanted.listener, pair.open.bound.port]), [["a", 1002], ["b", 1001]]);
  assert.equal([plan.open, plan.close], [[], []]);
});

reconciling("makes a socket wait for the one that holds its port at another address", () => {
  const old = bound(at("a", "127.0.0.1", 1001));
  const { open, close } = reconcile([old], [at("a", "0.0.0.0", 1001)]);
  assert.equal(open, [{ wanted: at("a", "0.0.0.0", 1001), after: [old] }]);
  assert.equal(close, [old]);
});

reconciling("binds anew where plain becomes secure: a server is one or the other", () => {
  const old = bound(at("a", "127.0.0.1", 1001));
  const wanted = at("a", "127.0.0.1", 1001, true);
  assert.equal(reconcile([old], [wanted]).open, [{ wanted, after: [old] }]);
  assert.equal(reconcile([bound(wanted)], [at("a", "127.0.0.1", 1001, true)]).open, [], "other credentials are no other socket");
});

reconciling("keeps any free port for its own listener, as many as are wanted", () => {
  const open = [bound(at("a", "127.0.0.1", 0), 1001), bound(at("a", "127.0.0.1", 0), 1002), bound(at("b", "127.0.0.1", 0), 1003)];
  const plan = reconcile(open, [at("a", "127.0.0.1", 0), at("b", "127.0.0.1", 0), at("b", "127.0.0.1", 0)]);
  assert.is(plan.keep.length, 2);
  assert.equal(plan.open, [{ wanted: at("b", "127.0.0.1", 0), after: [] }]);
  assert.equal(plan.close, [open[1]]);
});

reconciling("keeps a port that was found once it is written down", () => {
  const found = bound(at("a", "127.0.0.1", 0), 1001);
  const plan = reconcile([found], [at("a", "127.0.0.1", 1001)]);
  assert.equal(plan.keep.map(({ open }) => open), [found]);
  assert.equal([plan.open, plan.close], [[], []]);
});

reconciling("stays beside a taken port that is still asked for", () => {
  const beside = bound(at("a", "127.0.0.1", 1001), 1002);
  const plan = reconcile([beside], [at("a", "127.0.0.1", 1001)]);
  assert.equal(plan.keep.map(({ open }) => open), [beside]);
});

reconciling("gives a found port to the listener that asks for it by number", () => {
  const beside = bound(at("a", "127.0.0.1", 1001), 1002);
  const [a, b] = [at("a", "127.0.0.1", 1001), at("b", "127.0.0.1", 1002)];
  const plan = reconcile([beside], [a, b]);
  assert.equal(plan.keep, [{ open: beside, wanted: b }]);
  assert.equal(plan.open, [{ wanted: a, after: [] }]);
});

const socket = fc.record({
  listener: fc.constantFrom("a", "b"),
  host: fc.constantFrom("127.0.0.1", "0.0.0.0", "::1"),
  port: fc.constantFrom(0, 1001, 1002, 1003),
});
/** As configurations have it: no host and port twice, but for 0. */
const sockets = fc.uniqueArray(socket, { maxLength: 8, selector: ({ host, port, listener }) => (port === 0 ? `${listener}${host}` : `${host}${port}`) })
  .map((all) => all.map(({ listener, host, port }) => at(listener, host, port)));
/** Any free port is found in an order of its own. */
const opened = sockets.map((all) => all.map((spec, index) => bound(spec, spec.port === 0 ? 2001 + index : spec.port)));
const keyOf = ({ listener, host, port }: SocketSpec): string => (port === 0 ? `${listener} ${host} 0` : `${host} ${port}`);

reconciling("for any change: every socket has one fate, nothing wanted again is bound again, what waits is closing", () => {
  fc.assert(fc.property(opened, sockets, (open, wanted) => {
    const plan = reconcile(open, wanted);
    const kept = plan.keep.map((pair) => pair.open);
    assert.equal(new Set([...kept, ...plan.close]), new Set(open));
    assert.is(kept.length + plan.close.length, open.length);
    assert.equal([...plan.keep, ...plan.open].map((item) => item.wanted).toSorted(byKey), wanted.toSorted(byKey));
    for (const pair of plan.keep) assert.is(keyOf(pair.open.spec), keyOf(pair.wanted));
    const keys = new Set(open.map(({ spec }) => keyOf(spec)));
    for (const item of plan.open) {
      assert.not.ok(keys.has(keyOf(item.wanted)), "a bound port is bound again");
      assert.equal(item.after, plan.close.filter((closing) => closing.bound.port === item.wanted.port));
    }
  }));
});

reconciling("for any configuration: coming from itself changes nothing", () => {
  fc.assert(fc.property(opened, (same) => {
    const { keep, open, close } = reconcile(same, same.map(({ spec }) => ({ ...spec })));
    assert.equal([keep.length, open, close], [same.length, [], []]);
  }));
});

const byKey = (a: SocketSpec, b: SocketSpec): number => JSON.stringify(a).localeCompare(JSON.stringify(b));

reconciling.run();
