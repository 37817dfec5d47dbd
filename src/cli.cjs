#!/usr/bin/env node
// The command `llm-proxy`. Plain old JavaScript, copied to dist/ as it is: a Node too old to read the rest must still read this.
"use strict";

var version = process.versions.node.split(".").map(Number);

if (version[0] > 22 || (version[0] === 22 && version[1] >= 19)) {
  require("./headless.cjs");
} else {
  process.stderr.write(
    "llm-proxy needs Node.js 22.19 or newer and this is " +
      process.versions.node +
      ": install a current one from https://nodejs.org and run the command again.\n"
  );
  process.exitCode = 2;
}
