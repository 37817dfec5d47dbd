import { suite } from "uvu";
import * as assert from "uvu/assert";
import { spreadOf } from "./statistics.ts";

const statistics = suite("bench/statistics");

statistics("the median of an odd number of figures is the middle one", () => {
  assert.equal(spreadOf([5, 1, 3, 2, 4]), { median: 3, low: 2, high: 4 });
});

statistics("of an even number, it lies between the two in the middle", () => {
  assert.equal(spreadOf([4, 1, 3, 2]), { median: 2.5, low: 1.75, high: 3.25 });
});

statistics("one figure is all three", () => {
  assert.equal(spreadOf([7]), { median: 7, low: 7, high: 7 });
});

statistics("one wild figure moves the median by no more than a neighbour", () => {
  assert.is(spreadOf([1, 1, 1, 1, 1000]).median, 1);
});

statistics.run();
