import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  packages: Readonly<Record<string, Locked>>;
};
const installed = Object.entries(packages).filter(
  ([path, { link }]) => path.startsWith("node_modules/") && link !== true,
);

const lock = suite("scripts/lock");

lock("holds every optional package, for systems other than the one it was written on too", () => {
  const paths = Object.keys(packages);
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !paths.some((known) => known.endsWith(`node_modules/${name}`)))
      .map((name) => `${path} wants ${name}`),
  );
  assert.equal(missing, []);
});

lock("names no registry, and says of each package what its content must be", () => {
  assert.equal(
    installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
    [],
  );
  assert.equal(
    installed
      .filter(([, { integrity, inBundle }]) => integrity === undefined && inBundle !== true)
      .map(([path]) => path),
    [],
  );
});

for (const system of ["linux x64", "linux arm64", "darwin x64", "darwin arm64", "win32 x64", "win32 arm64"]) {
  lock(`brings a Node for ${system}`, () => {
    const [os = "", cpu = ""] = system.split(" ");
    const nodes = installed.filter(
      ([path, entry]) =>
        /^node_modules\/node-(bin-)?(linux|darwin|win)-/.test(path) &&
        [entry.os].flat()[0] === os &&
        [entry.cpu].flat()[0] === cpu,
    );
    assert.is(nodes.length, 1);
    assert.match(nodes[0]?.[1].version ?? "none", /^(24|22\.(19|2\d))\./);
  });
}

lock("scripts run on the Node that it brings", () => {
  const { version } = JSON.parse(readFileSync("tools/node/package.json", "utf8")) as { version: string };
  assert.is(
    process.versions.node.split(".")[0],
    version.split(".")[0],
    `run the tests by \`npm test\`: this is ${process.execPath}`,
  );
});

lock("package.json pins every version", () => {
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const loose = Object.entries(devDependencies).filter(
    ([, version]) => !/^(\d+\.\d+\.\d+|npm:typescript@\d+\.\d+\.\d+|file:tools\/node)$/.test(version),
  );
  assert.equal(loose, []);
});

lock.run();
