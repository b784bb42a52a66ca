/** The checkout as seen from a compiled test, and temporary trees beside it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** dist/test/support -> the folder of package.json. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** Imports one of the untyped scripts, which are not compiled; `Module` says what the test uses of it. */
export const importScript = async <Module>(file: string): Promise<Module> =>
  (await import(pathToFileURL(path.join(root, file)).href)) as Module;

/** Writes files (path -> content) into a new folder, hands it to `use`, and removes it. */
export async function withTree<Result>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "valence-test-")));
  try {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), content);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
