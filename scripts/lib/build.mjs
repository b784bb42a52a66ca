/** Compiles TypeScript into dist/, and knows when that is not needed. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { filesUnder, hashOf } from "./files.mjs";
import { at, root, tools } from "./paths.mjs";
import { node } from "./run.mjs";

const stamp = at("dist/.built");
const folders = ["engine", "atoms", "adapters", "test", "scripts", "bench"];

/** Has packages and a compiler run of its own: see scripts/lib/peers.mjs. */
const apart = at("bench/peers") + path.sep;
const sourceFiles = () =>
  folders
    .flatMap((folder) => filesUnder(at(folder), (name) => /(?<!\.d)\.ts$/.test(name)))
    .filter((file) => !file.startsWith(apart));
/** Manifests of channels: the compiler copies them, and the product reads the copies. */
const isManifest = (name) => name === "channel.json";
const manifestFiles = () => filesUnder(at("adapters/channels"), isManifest);
const outputOf = (source) => at("dist", path.relative(root, source)).replace(/\.ts$/, ".js");

/** Everything the compiler reads: sources, options, versions of packages. */
const fingerprint = () =>
  hashOf([at("tsconfig.json"), at("package-lock.json"), ...sourceFiles(), ...manifestFiles()]);

const builtFrom = () => (existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined);

/** Outputs whose source is gone would still be found and run as tests. */
export function prune(base = root) {
  const dist = path.join(base, "dist");
  for (const file of filesUnder(dist, (name) => name.endsWith(".js"))) {
    const source = path.join(base, path.relative(dist, file)).replace(/\.js$/, ".ts");
    if (existsSync(source)) continue;
    rmSync(file);
    rmSync(`${file}.map`, { force: true });
  }
  for (const file of filesUnder(path.join(dist, "adapters/channels"), isManifest))
    if (!existsSync(path.join(base, path.relative(dist, file)))) rmSync(file);
}

/** @returns whether dist/ holds a complete build of the present sources. */
export async function build() {
  const sources = fingerprint();
  rmSync(stamp, { force: true });
  prune();
  // The incremental state does not notice outputs that were removed by hand; then everything is emitted again.
  if (!sourceFiles().every((file) => existsSync(outputOf(file))))
    rmSync(at("dist/.tsbuildinfo"), { force: true });
  if ((await node([tools.tsc, "-p", at("tsconfig.json")])).code !== 0) return false;
  mkdirSync(at("dist"), { recursive: true });
  writeFileSync(stamp, sources);
  return true;
}

/** The same, without calling the compiler when the last successful build saw the same sources. */
export async function ensureBuilt() {
  if (builtFrom() === fingerprint()) return true;
  process.stderr.write("build: tsc\n");
  return build();
}
