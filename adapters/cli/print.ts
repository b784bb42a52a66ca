/** How commands print what they found: JSON for programs, columns for people. */

export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};

/** Columns as wide as their widest cell; `nothing` is said when there are no rows. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  nothing: string,
): string {
  if (rows.length === 0) return `${nothing}\n`;
  const lines = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${text.join("\n")}\n`;
}

/** `42 ms`, `3.2 s`, `2 min`, `5 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

export const time = (epochMs: number): string => new Date(epochMs).toISOString();
