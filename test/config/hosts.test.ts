import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostsOverlap, isLoopback } from "../../src/config/hosts.ts";

const cases = suite("config/hosts");

cases("takes only this machine's own addresses for loopback", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "localhost", "LOCALHOST"]) assert.ok(isLoopback(host), host);
  for (const host of ["0.0.0.0", "::", "192.168.1.20", "127.0.0.1.test", "127.test", "localhost.test", "fe80::1%eth0", "2130706433"]) assert.not.ok(isLoopback(host), host);
});

cases("sees which hosts are in each other's way", () => {
  for (const [a, b] of [["127.0.0.1", "127.0.0.1"], ["0.0.0.0", "127.0.0.1"], ["::", "127.0.0.1"], ["::", "0.0.0.0"], ["::1", "0:0::1"], ["localhost", "127.0.0.1"], ["localhost", "::1"], ["Machine.test", "machine.test"], ["0.0.0.0", "machine.test"]] as const) {
    assert.ok(hostsOverlap(a, b) && hostsOverlap(b, a), `${a} and ${b}`);
  }
  for (const [a, b] of [["127.0.0.1", "127.0.0.2"], ["127.0.0.1", "::1"], ["0.0.0.0", "::1"], ["localhost", "127.0.0.2"]] as const) {
    assert.not.ok(hostsOverlap(a, b) || hostsOverlap(b, a), `${a} and ${b}`);
  }
});

cases.run();
