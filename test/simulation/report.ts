/** What is said about a seed that failed: what it broke, the history of the first thing it broke, how to see it again. */
import { Simulation, type Outcome, type SimulationOptions } from "./simulation.js";

const complaintsMax = 10;
const linesMax = 200;

export const replayCommand = ({ climate }: Pick<Outcome, "climate">): string =>
  `npm run simulate -- --seed ${climate.seed} --orders ${climate.orders}`;

/** Lines for people. Runs the seed once more to hear the history of the order the first complaint is about. */
export async function failureReport(
  outcome: Outcome,
  options: SimulationOptions = {},
): Promise<readonly string[]> {
  const { complaints, climate } = outcome;
  const told = complaints
    .slice(0, complaintsMax)
    .map(({ what, about, orderId }) => `  ${what}: ${about} ${orderId ?? ""}`);
  const more = complaints.length - told.length;
  const guilty = complaints.find(({ orderId }) => orderId !== undefined)?.orderId;
  return [
    `seed ${climate.seed} on ${climate.bus}: ${complaints.length} complaints`,
    ...told,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(guilty === undefined ? [] : await historyOf(guilty, outcome, options)),
    `again: ${replayCommand(outcome)} [--verbose]`,
  ];
}

/** Everything the same seed has to say about one order, the other ones left out. */
async function historyOf(
  orderId: string,
  outcome: Outcome,
  options: SimulationOptions,
): Promise<readonly string[]> {
  const { database, traffic } = outcome.simulation;
  const of = (table: string, key: string): readonly string[] =>
    database.rows(table).flatMap((row) => (row["orderId"] === orderId ? [String(row[key])] : []));
  const ids = [orderId, ...of("runs", "runId"), ...of("payments", "paymentId")];
  ids.push(...(traffic.orders.get(orderId)?.runs ?? []));
  const lines: string[] = [];
  const trace = (atMs: number, line: string): void => {
    if (/^process |^the /.test(line) || ids.some((id) => line.includes(id)))
      lines.push(`  ${(atMs / 1_000).toFixed(3).padStart(9)} ${line}`);
  };
  await Simulation.run(outcome.climate.seed, { ...options, climate: outcome.climate, trace });
  return [`  history of order ${orderId}:`, ...lines.slice(0, linesMax)];
}
