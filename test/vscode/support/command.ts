import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Runs a program to its end, gives what it printed.
 * Throws with the last lines of that when it did not end with 0.
 */
export const runCommand = async (
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> => {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (code === 0) return output;
  const lastLines = output.trimEnd().split("\n").slice(-12).join("\n");
  throw new Error(`${program} ${args.join(" ")} ended with ${signal ?? code}:\n${lastLines}`);
};
