// `npm run build` -> dist/:
//   extension.cjs   what VS Code loads at activation: small, it loads the rest on first need
//   cli.cjs         the command `llm-proxy`: looks at the Node it is on, then loads headless.cjs
//   *.cjs           chunks that the two share, each behind an import() in the sources
// CommonJS, because every VS Code since 1.104 loads it and a require() stays where it is written, so what is lazy stays lazy.
import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import resolve from "@rollup/plugin-node-resolve";
import typescript from "@rollup/plugin-typescript";
import { cli } from "./scripts/rollup/cli.mjs";
import { minify } from "./scripts/rollup/minify.mjs";
import { omit } from "./scripts/rollup/omit.mjs";
import { prune } from "./scripts/rollup/prune.mjs";
import { thirdPartyNotices } from "./scripts/rollup/third-party-notices.mjs";

/** Rollup's remarks on our own code stop the build; those on packages are nothing that we can act on. */
const onwarn = (warning) => {
  const isOfPackages = [warning.id, ...(warning.ids ?? [])].some((id) => id?.includes("node_modules"));
  if (!isOfPackages) throw new Error(`A warning about this project's own code stops the build. ${warning.message}`);
};

export default {
  input: { extension: "src/extension.ts", headless: "src/headless.ts" },
  // @parcel/watcher is what listhen's development server would watch files with; nothing here reaches it.
  external: ["vscode", "@parcel/watcher"],
  output: {
    dir: "dist",
    format: "cjs",
    exports: "named",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
    generatedCode: "es2015",
    // The editor's API is a plain object with getters, some of which throw: it is used as it is, never copied.
    interop: (id) => (id === "vscode" ? "esModule" : "auto"),
  },
  plugins: [
    // listhen's tunnel to the outside (it would download a program), its clipboard, and its own way of doing WebSockets.
    omit(["untun", "tinyclip", "crossws/adapters/node"]),
    // A type error is a failed build; by default it is a printed one.
    typescript({
      noEmit: false,
      noEmitOnError: true,
      rootDir: ".",
      outDir: "dist",
      include: ["src/**/*.ts"],
      exclude: [],
    }),
    resolve({ preferBuiltins: true, exportConditions: ["node"] }),
    // Packages look for these inside try or behind a condition; hoisted, they would be loaded at the start, where some are missing.
    commonjs({ ignore: ["node:sqlite", "bufferutil", "utf-8-validate"] }),
    json(),
    minify(),
    cli("src/cli.cjs"),
    thirdPartyNotices(),
    prune(),
  ],
  onwarn,
};
