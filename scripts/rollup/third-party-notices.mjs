import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const inPackage = /^(.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** The folders of the packages of which the bundle holds at least one module. */
const packageFolders = (bundle) => {
  const ids = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
  // Plugins put a zero byte before the ids of modules that they made up from a real one.
  return new Set(ids.map((id) => inPackage.exec(id.replace(/^\0/, ""))?.[1]).filter((folder) => folder !== undefined));
};

const notice = (folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|-|$)/i.test(entry));
  return {
    name,
    text: `${name} ${version} (${license})\n\n${file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim()}`,
  };
};

/** A rollup plugin that writes the licences of all bundled packages to third-party-notices.txt, which those licences ask for. */
export const thirdPartyNotices = () => ({
  name: "third-party-notices",
  generateBundle(_, bundle) {
    const notices = [...packageFolders(bundle)].map(notice).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const source = `LLM Proxy contains code of these packages.\n\n${notices.map(({ text }) => text).join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
    this.emitFile({ type: "asset", fileName: "third-party-notices.txt", source });
  },
});
