import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync, appendFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createCertificate } from "../support/certificate.ts";
import { freePort, occupy, portOf, release } from "../support/ports.ts";
import { withServe, type Serving } from "./serve-io.ts";

const name = ".llmproxy.yaml";

const fileWith = (port: number, reply: string, more = ""): string => `version: 1\nlisteners: { local: { ports: ${port}${more} } }\nmodels: { a: { echo: { reply: "${reply}" } } }\n`;

/** What the echo model of the running configuration says. */
const replyAt = async (port: number): Promise<string> => {
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "a", messages: [{ role: "user", content: "x" }] }),
  });
  const { choices } = (await response.json()) as { choices: readonly [{ message: { content: string } }] };
  return choices[0].message.content;
};

interface Started extends Serving {
  readonly port: number;
  readonly file: string;
  /** Makes a change, and waits until the reply it asks for is in force. */
  change(reply: string, work: (text: string) => void): Promise<void>;
}

/** Serves a file that says "first", until `work` is done. */
const withFile = async (work: (started: Started) => Promise<void>): Promise<void> => {
  const port = await freePort();
  await withServe((folder) => writeFileSync(join(folder, name), fileWith(port, "first")), async (serving) => {
    await serving.next("listening");
    await work({
      ...serving,
      port,
      file: join(serving.folder, name),
      async change(reply, makeChange) {
        const reloaded = serving.next("reloaded");
        makeChange(fileWith(port, reply));
        await reloaded;
        assert.is(await replyAt(port), reply);
      },
    });
  });
};

const isWindows = process.platform === "win32";
const isRoot = process.getuid?.() === 0;

const cases = suite("cli/serve reload");

cases("sees a file written in place, renamed over, removed and made again", () => withFile(async ({ file, port, change, next }) => {
  assert.is(await replyAt(port), "first");
  await change("in place", (text) => writeFileSync(file, text));
  await change("renamed over", (text) => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  });
  await change("made again at once", (text) => {
    unlinkSync(file);
    writeFileSync(file, text);
  });
  const missing = next("waiting");
  unlinkSync(file);
  assert.is((await missing)["reason"], "missing");
  assert.is(await replyAt(port), "made again at once", "what ran runs on");
  await change("made again", (text) => writeFileSync(file, text));
}));

cases("waits for the rest of a file that is being written", () => withFile(async ({ file, port, change, next }) => {
  const empty = next("waiting");
  writeFileSync(file, "");
  assert.is((await empty)["reason"], "empty");
  const half = next("rejected");
  const text = fileWith(port, "whole");
  writeFileSync(file, text.slice(0, text.indexOf("models") + 20));
  await half;
  assert.is(await replyAt(port), "first");
  await change("whole", () => appendFileSync(file, text.slice(text.indexOf("models") + 20)));
}));

cases("goes from invalid to valid to invalid, and says each", () => withFile(async ({ file, port, change, next, events }) => {
  for (const reply of ["second", "third"]) {
    const rejected = next("rejected");
    writeFileSync(file, "version: 1\nport: 8080\n");
    const [problem] = (await rejected)["problems"] as [{ message: string; range: { start: { line: number } } }];
    assert.equal([problem.range.start.line, problem.message], [2, "Unknown property \"port\"."]);
    await change(reply, (text) => writeFileSync(file, text));
  }
  assert.is(await replyAt(port), "third");
  assert.is(events.filter(({ event }) => event === "listening").length, 1, "the port was bound once");
}));

cases("says when the file is again what runs", () => withFile(async ({ file, port, change, next }) => {
  const rejected = next("rejected");
  writeFileSync(file, "version: 2\n");
  await rejected;
  await change("first", () => writeFileSync(file, fileWith(port, "first")));
}));

cases("tells one change once, though events and looks both see it", () => withFile(async ({ file, events, next, change }) => {
  const rejected = next("rejected");
  writeFileSync(file, "version: 2\n");
  await rejected;
  // A look at the file, which comes each second, has seen the change by the time that it sees the one behind this link.
  const target = `${file}.target`;
  writeFileSync(target, "version: 2\n");
  unlinkSync(file);
  symlinkSync(target, file);
  await next("rejected");
  await change("second", (text) => writeFileSync(target, text));
  assert.is(events.filter(({ event }) => event === "rejected").length, 2);
}));

if (!isWindows) {
  cases("follows a link: what it leads to is written, and it leads elsewhere", () => withFile(async ({ folder, file, change }) => {
    mkdirSync(join(folder, "shared"));
    const target = join(folder, "shared", "a.yaml");
    await change("linked", (text) => {
      writeFileSync(target, text);
      unlinkSync(file);
      symlinkSync(target, file);
    });
    await change("written behind the link", (text) => writeFileSync(target, text));
    await change("renamed over behind the link", (text) => {
      writeFileSync(`${target}.new`, text);
      renameSync(`${target}.new`, target);
    });
    await change("led elsewhere", (text) => {
      writeFileSync(join(folder, "shared", "b.yaml"), text);
      symlinkSync(join(folder, "shared", "b.yaml"), `${file}.new`);
      renameSync(`${file}.new`, file);
    });
  }));

  cases("outlives a folder, a socket and a loop of links in the file's place", () => withFile(async ({ folder, file, port, change, next }) => {
    const inPlace = async (make: () => void, message: RegExp): Promise<void> => {
      const rejected = next("rejected");
      make();
      const [problem] = (await rejected)["problems"] as [{ message: string }];
      assert.match(problem.message, message);
      assert.is(await replyAt(port), "first");
    };
    await inPlace(() => {
      unlinkSync(file);
      mkdirSync(file);
    }, /folder/);
    const socket = createServer();
    await inPlace(() => {
      rmdirSync(file);
      socket.listen(file);
    }, /socket/);
    socket.close();
    await once(socket, "close");
    await inPlace(() => {
      rmSync(file, { force: true });
      symlinkSync(file, join(folder, "loop"));
      symlinkSync(join(folder, "loop"), file);
    }, /link/);
    await change("a file again", (text) => {
      unlinkSync(file);
      writeFileSync(file, text);
    });
  }));

  cases("takes over the whole folder when it is swapped, as a git checkout or a mount does", () => withFile(async ({ folder, change }) => {
    await change("another folder", (text) => {
      mkdirSync(`${folder}.new`);
      writeFileSync(join(`${folder}.new`, name), text);
      renameSync(folder, `${folder}.old`);
      renameSync(`${folder}.new`, folder);
    });
    await change("written there", (text) => writeFileSync(join(folder, name), text));
    rmSync(`${folder}.old`, { recursive: true });
  }));
}

if (!isWindows && !isRoot) {
  cases("outlives a file that it may not read", () => withFile(async ({ file, change, next }) => {
    const rejected = next("rejected");
    chmodSync(file, 0o000);
    await rejected;
    await change("second", (text) => {
      chmodSync(file, 0o600);
      writeFileSync(file, text);
    });
  }));
}

const hasGit = ((): boolean => {
  try {
    execFileSync("git", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

if (hasGit) {
  cases("follows a git checkout between branches", () => withFile(async ({ folder, port, file, change }) => {
    const git = (...args: readonly string[]): void => void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t.test", "-c", "core.hooksPath=/dev/null", ...args], { cwd: folder, stdio: "ignore" });
    git("init", "-b", "one");
    git("add", ".");
    git("commit", "-m", "one");
    await change("on another branch", (text) => {
      git("checkout", "-b", "two");
      writeFileSync(file, text);
      git("commit", "-am", "two");
    });
    await change("first", () => git("checkout", "one"));
    await change("on another branch", () => git("checkout", "two"));
    assert.is(readFileSync(file, "utf8"), fileWith(port, "on another branch"));
  }));
}

cases("without a file it serves the echo model, and the file takes over once it is written", async () => {
  const [before, after] = [await freePort(), await freePort()];
  await withServe(() => {}, async ({ folder, next, events }) => {
    assert.is((await next("listening"))["url"], `http://127.0.0.1:${before}`);
    const reloaded = next("reloaded");
    writeFileSync(join(folder, name), fileWith(after, "from the file"));
    await reloaded;
    assert.equal(events.map(({ event }) => event), ["listening", "reloaded"], "--port goes before the file's");
    assert.is(await replyAt(before), "from the file");
  }, ["--port", String(before)]);
});

cases("ends with 1 for a file with errors, 2 for a port that is taken or a file that is not there", async () => {
  const stranger = await occupy();
  const exits: unknown[] = [];
  const run = (text: string | undefined, args: readonly string[] = []): Promise<void> =>
    withServe((folder) => void (text === undefined || writeFileSync(join(folder, name), text)), async ({ stop }) => void exits.push(await stop()), args);
  try {
    await run("version: 2\n");
    await run(fileWith(portOf(stranger), "x"));
    await run(undefined, ["--config", "none.yaml"]);
    assert.equal(exits, [1, 2, 2]);
  } finally {
    await release(stranger);
  }
});

cases("two terminals on one file: the second waits, and takes over within two seconds of the first's end", async () => {
  const port = await freePort();
  const write = (folder: string): void => writeFileSync(join(folder, name), fileWith(port, "shared", ", ifBusy: wait"));
  await withServe(write, async (first) => {
    await first.next("listening");
    await withServe(() => {}, async (second) => {
      const waiting = await second.next("waiting");
      assert.equal([waiting["url"], waiting["reason"], waiting["problem"]], [`http://127.0.0.1:${port}`, "busy", undefined]);
      await first.stop();
      assert.is((await second.next("listening"))["url"], `http://127.0.0.1:${port}`);
      assert.is(await replyAt(port), "shared");
    }, ["--config", join(first.folder, name)]);
  });
});

cases("a save that asks for a stranger's port is refused, and comes into force by itself once he lets go", () => withFile(async ({ file, port, events, next }) => {
  const stranger = await occupy();
  const wanted = portOf(stranger);
  try {
    writeFileSync(file, fileWith(wanted, "later", ", ifBusy: wait"));
    const [problem] = (await next("rejected"))["problems"] as [{ message: string }];
    assert.match(problem.message, `${wanted} cannot be listened on`);
    assert.is(await replyAt(port), "first");
    await release(stranger);
    await next("reloaded");
    assert.is(await replyAt(wanted), "later");
    assert.is(events.filter(({ event }) => event === "rejected").length, 1);
  } finally {
    await release(stranger);
  }
}));

cases("a secret in a file of its own is followed", async () => {
  const port = await freePort();
  const write = (folder: string): void => {
    writeFileSync(join(folder, "ci.key"), "old-key\n");
    writeFileSync(join(folder, name), `${fileWith(port, "x")}keys: { ci: { key: "\${file:ci.key}" } }\n`);
  };
  const statusWith = async (key: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
  await withServe(write, async ({ folder, next }) => {
    await next("listening");
    assert.equal([await statusWith("old-key"), await statusWith("new-key")], [200, 401]);
    writeFileSync(join(folder, "ci.key"), "new-key\n");
    await next("reloaded");
    assert.equal([await statusWith("old-key"), await statusWith("new-key")], [401, 200]);
  });
});

cases("renewed certificates are taken up, also when their two files are not renewed at once", async () => {
  const port = await freePort();
  const [old, renewed] = [createCertificate({ serial: 1 }), createCertificate({ serial: 2 })];
  const write = (folder: string): void => {
    mkdirSync(join(folder, "certs"));
    writeFileSync(join(folder, "certs", "p.pem"), old.cert);
    writeFileSync(join(folder, "certs", "p.key"), old.key);
    writeFileSync(join(folder, name), fileWith(port, "secure", ", tls: { certFile: certs/p.pem, keyFile: certs/p.key }"));
  };
  const serialNow = async (): Promise<number> => {
    const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: [old.cert, renewed.cert] });
    await once(socket, "secureConnect");
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return Number.parseInt(serialNumber, 16);
  };
  await withServe(write, async ({ folder, next, events }) => {
    assert.is((await next("listening"))["url"], `https://127.0.0.1:${port}`);
    const rejected = next("rejected");
    writeFileSync(join(folder, "certs", "p.pem"), renewed.cert);
    const [problem] = (await rejected)["problems"] as [{ message: string; range: { start: { line: number } } }];
    assert.equal([problem.range.start.line, problem.message], [2, "The key in certs/p.key is not that of the certificate in certs/p.pem."]);
    assert.is(await serialNow(), 1);
    const reloaded = next("reloaded");
    writeFileSync(join(folder, "certs", "p.key"), renewed.key);
    await reloaded;
    assert.is(await serialNow(), 2);
    assert.is(events.filter(({ event }) => event === "listening").length, 1);
  });
});

cases("1,000 saves within ten seconds end in the last content, with no more than 51 reloads", () => withFile(async ({ file, port, events, next }) => {
  const bursts = 25;
  const savesInABurst = 40;
  for (let burst = 1; burst <= bursts; burst += 1) {
    for (let save = 1; save <= savesInABurst; save += 1) {
      const text = fileWith(port, `burst ${burst}, save ${save}`);
      // In both ways, and with what is half written in between.
      if (save % 3 === 0) writeFileSync(file, text.slice(0, 30));
      else if (save % 2 === 0) writeFileSync(file, text);
      else {
        writeFileSync(`${file}.new`, text);
        renameSync(`${file}.new`, file);
      }
      await new Promise(setImmediate);
    }
    // On a busy machine a burst may have been read in its middle; then another reload is on its way.
    while (await replyAt(port) !== `burst ${burst}, save ${savesInABurst}`) await next("reloaded");
  }
  const looks = events.filter(({ event }) => event === "reloaded" || event === "rejected");
  assert.ok(looks.length <= 51, `${looks.length} reloads`);
}));

cases.run();
