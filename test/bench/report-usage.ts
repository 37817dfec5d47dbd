// Loaded into a measured process before its own program: tells its parent what it has used, when asked.
import { askUsage, type Usage } from "./messages.ts";

process.on("message", (message) => {
  if (message !== askUsage) return;
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system } satisfies Usage);
});
// It must not keep alive a program that is done.
process.channel?.unref();
