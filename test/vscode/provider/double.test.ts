// The double of the editor's API, which most tests of the host lean on, held to what windows and Copilot do.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endless, providerCases } from "./cases.ts";
import { withDoubleStage } from "./double-stage.ts";
import { leaveEarly, playCase } from "./play-case.ts";

for (const version of ["1.139", "1.104"] as const) {
  const cases = suite(`vscode/provider/double of ${version}`);

  for (const providerCase of providerCases) cases(providerCase.title, () => withDoubleStage({ version }, (stage) => playCase(providerCase, stage)));

  cases(`a client that leaves ${version === "1.104" ? "is not told of to" : "stops"} the provider`, () =>
    withDoubleStage({ version }, async (stage) => {
      await stage.direct([endless]);
      const left = leaveEarly(stage.url);
      await stage.paused;
      await left;
      const [call] = stage.calls;
      if (version === "1.139") await call?.cancelled;
      assert.is(call?.isCancelled, version === "1.139");
    }));

  cases.run();
}
