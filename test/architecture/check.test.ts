import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkImports } from "./check.ts";
import { readImports } from "./imports.ts";

const architecture = suite("architecture/check");

/** Each line is a file below src/ and its one import; none of them breaks a rule. */
const fine: readonly (readonly [string, string])[] = [
  ["chat/call.ts", 'import type { ChatRequest } from "./request.ts";'],
  ["protocols/ollama/index.ts", 'import { collect } from "../../chat/call.ts";'],
  ["protocols/ollama/index.ts", 'import { framing } from "../framing.ts";'],
  ["protocols/registry.ts", 'import { ollama } from "./ollama/index.ts";'],
  ["models/openai-upstream/host.ts", 'import type { Body } from "../../protocols/openai-chat/wire.ts";'],
  ["models/openai-upstream/host.ts", 'import { request } from "undici";'],
  ["policies/auth.ts", 'import { timingSafeEqual } from "node:crypto";'],
  ["policies/auth.ts", 'import { invalidApiKey } from "../errors.ts";'],
  ["policies/registry.ts", 'import { auth } from "./auth.ts";'],
  ["routes/compile.ts", 'import type { Config } from "../config/types.ts";'],
  ["routes/compile.ts", 'import { toNodeHandler } from "h3/node";'],
  ["extension.ts", 'const { LlmProxy } = await import("./proxy.ts");'],
  ["vscode/status-bar.ts", 'import * as vscode from "vscode";'],
];

/** And here each breaks one, for the reason given. */
const broken: readonly (readonly [string, string, RegExp])[] = [
  ["chat/call.ts", 'import { createHash } from "node:crypto";', /neutral language/],
  ["chat/call.ts", 'import type { Host } from "../models/host.ts";', /neutral language/],
  ["protocols/ollama/index.ts", 'import type { ModelHost } from "../../models/host.ts";', /never heard of/],
  ["protocols/ollama/index.ts", 'import type { ServerResponse } from "node:http";', /never heard of/],
  [
    "protocols/ollama/index.ts",
    'import { encode } from "../openai-chat/encode-stream.ts";',
    /must not change another's wire/,
  ],
  [
    "models/openai-upstream/host.ts",
    'import { Body } from "../../protocols/openai-chat/wire.ts";',
    /which protocol asked/,
  ],
  ["models/echo.ts", 'import type { Route } from "../routes/compile.ts";', /which protocol asked/],
  ["policies/retry.ts", 'import { timeout } from "./timeout.ts";', /cannot be moved in the order/],
  ["policies/origin.ts", 'import type { IncomingMessage } from "node:http";', /our own Exchange/],
  ["routes/compile.ts", 'import { resolve } from "../config/resolve.ts";', /handed to them, never called/],
  ["routes/chat.ts", 'import { window } from "vscode";', /vscode is at home in extension\.ts and vscode/],
  ["listeners/listener.ts", 'import type { ChatCall } from "../chat/call.ts";', /never heard of chat/],
  ["proxy.ts", 'import { H3 } from "h3";', /h3 is at home in routes and policies/],
  ["proxy.ts", 'const load = () => import("listhen");', /listhen is at home in listeners/],
  ["proxy.ts", 'export * from "./extension.ts";', /imported by nobody/],
  [
    "config/load.ts",
    'import { auth } from "../policies/auth.ts";',
    /may import llm-proxy.schema.json, and types of models, policies/,
  ],
  ["vscode/folders.ts", 'import { openListener } from "../listeners/listener.ts";', /front door/],
  ["models/echo.ts", 'import pick from "@scope/pick/lib";', /@scope\/pick has no home yet/],
  ["helpers/misc.ts", "", /"helpers" has no place yet/],
];

for (const [path, source] of fine) {
  architecture(`${path} may say ${source}`, () => assert.equal(checkImports({ [path]: source }), []));
}

for (const [path, source, reason] of broken) {
  architecture(`${path} may not say ${source}`, () => {
    const problems = checkImports({ [path]: source });
    assert.is(problems.length, 1);
    assert.match(problems[0] ?? "", reason);
  });
}

architecture("a problem names the file and the line", () => {
  const source = '// A comment.\nimport { a } from "../chat/part.ts";\nimport { b } from "ws";\n';
  assert.match(
    checkImports({ "policies/auth.ts": source })[0] ?? "",
    /^src\/policies\/auth\.ts:3 imports ws, but ws is at home/,
  );
});

architecture("every way to import is seen, and which of them are erased", () => {
  const source = [
    'import a, { type B } from "a";',
    'import type { C } from "c";',
    'import { type D, type E } from "d";',
    'import "f";',
    'export type { G } from "g";',
    'export * from "h";',
    'type I = import("i").I;',
    'const j = () => import("j");',
    'const text = `import "k"`; // import "l"',
  ].join("\n");
  assert.equal(
    readImports(source).map(({ specifier, isTypeOnly }) => (isTypeOnly ? `type ${specifier}` : specifier)),
    ["a", "type c", "type d", "f", "type g", "h", "type i", "j"],
  );
});

architecture.run();
