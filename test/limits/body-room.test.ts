import { array, assert as assertProperty, constantFrom, integer, property, tuple } from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createBodyRoom } from "../../src/limits/body-room.ts";
import type { BodyPlace } from "../../src/services.ts";

const cases = suite("limits/body-room");

/** A room of 100 and what becomes of those who enter it. */
const createHouse = () => {
  const room = createBodyRoom(100);
  const gone: string[] = [];
  return { gone, enter: (name: string): BodyPlace => room.enter(50, () => void gone.push(name)) };
};

cases("the largest makes way when there is too little room, and whoever is small stays", () => {
  const { enter, gone } = createHouse();
  const [small, large, larger] = [enter("small"), enter("large"), enter("larger")];
  small.grow(5);
  large.grow(45);
  larger.grow(50);
  assert.equal(gone, []);
  small.grow(1);
  assert.equal(gone, ["larger"]);
  small.grow(1);
  assert.equal(gone, ["larger"]);
});

cases("one that grows too large makes way itself", () => {
  const { enter, gone } = createHouse();
  enter("small").grow(30);
  const large = enter("large");
  for (let times = 0; times < 8; times += 1) large.grow(10);
  assert.equal(gone, ["large"]);
});

cases("one alone has room whatever its size", () => {
  const { enter, gone } = createHouse();
  enter("silent");
  enter("alone").grow(1000);
  assert.equal(gone, []);
});

cases("where a single body may have more, there is room for two of those", () => {
  const gone: string[] = [];
  const room = createBodyRoom(100);
  const [one, two] = [room.enter(500, () => void gone.push("one")), room.enter(500, () => void gone.push("two"))];
  one.grow(490);
  two.grow(500);
  assert.equal(gone, []);
  one.grow(20);
  assert.equal(gone, ["one"]);
});

cases("whoever has left takes no room, however often it says so", () => {
  const { enter, gone } = createHouse();
  const first = enter("first");
  first.grow(90);
  first.leave();
  first.leave();
  first.grow(90);
  const [second, third] = [enter("second"), enter("third")];
  second.grow(50);
  third.grow(50);
  assert.equal(gone, []);
});

cases("whatever comes and goes, no more than the room is taken by more than one", () => {
  const step = tuple(integer({ min: 0, max: 9 }), constantFrom("grow", "leave"), integer({ min: 1, max: 60 }));
  assertProperty(property(array(step, { maxLength: 200 }), (steps) => {
    const room = createBodyRoom(100);
    const sizes = Array.from({ length: 10 }, () => 0);
    const over = new Set<number>();
    const end = (index: number): void => {
      sizes[index] = 0;
      over.add(index);
    };
    const places = sizes.map((_, index) => room.enter(50, () => end(index)));
    for (const [index, what, bytes] of steps) {
      if (over.has(index)) continue;
      sizes[index] = (sizes[index] ?? 0) + bytes;
      if (what === "grow") places[index]?.grow(bytes);
      else {
        places[index]?.leave();
        end(index);
      }
      const taken = sizes.reduce((sum, size) => sum + size, 0);
      assert.ok(taken <= 100 || sizes.includes(taken), String(sizes));
    }
  }));
});

cases.run();
