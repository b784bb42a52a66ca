import assert from "node:assert/strict";
import { compile } from "../../../../engine/compiler/compile.js";
import { definitionFiles } from "../definitions.js";
import type { Spoiled } from "../definitions.js";
import { vocabulary } from "../vocabulary.js";

/** One row of a table: how the sound definitions are spoiled, and everything the compiler says about it. */
export interface Case extends Spoiled {
  readonly mistake: string;
  /** `file:pointer CODE`, all of them: one mistake gives one line. */
  readonly says: readonly string[];
  /** What one of the messages must contain. */
  readonly words?: RegExp;
}

export const said = (
  files: Spoiled["files"],
): { readonly lines: readonly string[]; readonly messages: string } => {
  const result = compile(definitionFiles(files), vocabulary);
  const found = result.ok ? [] : result.diagnostics;
  return {
    lines: found.map(({ file, pointer, code }) => `${file}:${pointer} ${code}`),
    messages: found.map(({ message }) => message).join("\n"),
  };
};

export function runCases(cases: readonly Case[]): void {
  for (const { mistake, files, says, words } of cases) {
    it(mistake, () => {
      const { lines, messages } = said(files);
      assert.deepEqual(lines, [...says].sort(), messages);
      if (words) assert.match(messages, words);
    });
  }
}
