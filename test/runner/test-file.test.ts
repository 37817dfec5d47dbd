import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDirectives } from "./test-file.ts";

const directives = suite("runner/test-file");

directives("a plain file shares the machine and needs nothing", () => {
  const { isSerial, needs } = readDirectives("policies/auth", 'import { suite } from "uvu";\n');
  assert.equal({ isSerial, needs }, { isSerial: false, needs: [] });
});

directives("a comment line asks for more", () => {
  assert.equal(
    readDirectives("clients/python", "// About it.\n// runner: serial, deadline 300 s, needs python dist\n"),
    {
      deadlineSeconds: 300,
      isSerial: true,
      needs: ["python", "dist"],
    },
  );
});

directives("a test in a real VS Code is serial and patient by its name", () => {
  const { isSerial, needs, deadlineSeconds } = readDirectives("vscode/status-bar.vscode", "");
  assert.equal({ isSerial, needs }, { isSerial: true, needs: ["vscode"] });
  assert.ok(deadlineSeconds >= 600);
});

directives("a word that it does not know is an error that lists those it does", () => {
  for (const line of ["seriell", "deadline soon", "needs pyhton", "serial please"]) {
    assert.throws(() => readDirectives("a", `// runner: ${line}\n`), /does not know ".+"\. Write serial, deadline N s/);
  }
});

directives.run();
