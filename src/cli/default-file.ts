import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** What is read where no file is named. */
export const defaultFile = ".llmproxy.yaml";

/** Says that a file is not there, and which one was probably meant to be it. */
export const missingFile = async (file: string, cwd: string): Promise<string> =>
  await misnamedFile(resolve(cwd, file)) ?? `${file} is not there. llm-proxy init writes one.`;

/** A sentence for whoever wrote `.llmproxy.yml` and waits for it to be read; absent where nobody did. @param path absolute */
export const misnamedFile = async (path: string): Promise<string | undefined> => {
  if (!path.endsWith(defaultFile)) return undefined;
  const isMisnamed = await access(join(dirname(path), ".llmproxy.yml")).then(() => true, () => false);
  return isMisnamed ? `There is a .llmproxy.yml here, which is not read: rename it to ${defaultFile}.` : undefined;
};
