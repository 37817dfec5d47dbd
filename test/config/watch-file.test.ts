import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import { followFile } from "../../src/config/watch-file.ts";
import { systemClock } from "../../src/services.ts";

/** Follows `file` in a folder of its own; `next` settles at the next change that is seen. */
const follow = async (file: string, work: (folder: string, next: () => Promise<void>) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-watch-"));
  let tell: (() => void) | undefined;
  const next = (): Promise<void> => new Promise((resolve) => (tell = resolve));
  let watch: { close(): void } | undefined;
  try {
    const first = next();
    watch = followFile(join(folder, file), systemClock, () => tell?.());
    // That there is no file is told once.
    await first;
    await work(folder, next);
  } finally {
    watch?.close();
    rmSync(folder, { recursive: true });
  }
};

const watching = suite("config/watch-file");

watching("sees a file made, written, renamed over and removed", () => follow("a.yaml", async (folder, next) => {
  const file = join(folder, "a.yaml");
  for (const change of [
    () => writeFileSync(file, "1"),
    () => writeFileSync(file, "22"),
    () => {
      writeFileSync(join(folder, "new"), "333");
      renameSync(join(folder, "new"), file);
    },
    () => rmSync(file),
  ]) {
    const seen = next();
    change();
    await seen;
  }
}));

watching("sees a write to what a link leads to", () => follow("link.yaml", async (folder, next) => {
  mkdirSync(join(folder, "elsewhere"));
  const target = join(folder, "elsewhere", "a.yaml");
  writeFileSync(target, "1");
  let seen = next();
  symlinkSync(target, join(folder, "link.yaml"));
  await seen;
  seen = next();
  writeFileSync(target, "22");
  await seen;
}));

watching("sees a file in a folder that was away", () => follow("inner/a.yaml", async (folder, next) => {
  const seen = next();
  mkdirSync(join(folder, "inner"));
  writeFileSync(join(folder, "inner", "a.yaml"), "1");
  await seen;
}));

watching.run();
