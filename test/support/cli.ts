/** `valence …` run to its end, as a person would. */
import { type Ended, runProgram } from "./process.js";
import { valence } from "./system.js";

/** Without variables of the surroundings that would lead to another system. */
const clean = { VALENCE_ADMIN_URL: undefined, VALENCE_ADMIN_TOKEN: undefined, VALENCE_DATA_DIR: undefined };

export const cli = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Ended> => runProgram(process.execPath, [valence, ...args], { env: { ...clean, ...env } });

/** Runs it with --json and gives back what it printed. @throws Error with what it said when it fails */
export async function cliJson<Answer>(args: readonly string[]): Promise<Answer> {
  const { code, stdout, stderr } = await cli([...args, "--json"]);
  if (code !== 0) throw new Error(`valence ${args.join(" ")} exits ${code}: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}
