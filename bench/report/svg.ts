/** A bar chart as SVG: light, legible in print and on white, no script and no font of its own. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What stands at its end. */
  readonly text: string;
  /** Ours, the others, the floor. */
  readonly kind: "own" | "peer" | "floor";
}

const fills: Readonly<Record<Bar["kind"], string>> = { own: "#2563eb", peer: "#94a3b8", floor: "#d6b36a" };
const width = 760;
const labelWidth = 190;
const textWidth = 190;
const barHeight = 24;
const gap = 12;
const top = 56;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** `line`: a bar's length drawn through all of them, to compare with. */
export function barChart(title: string, subtitle: string, bars: readonly Bar[], line?: number): string {
  const height = top + bars.length * (barHeight + gap) + gap;
  const longest = Math.max(1, line ?? 0, ...bars.map(({ value }) => value));
  const lengthOf = (value: number): number =>
    Math.round((value / longest) * (width - labelWidth - textWidth));
  const rows = bars.map(({ label, value, text, kind }, index) => {
    const y = top + index * (barHeight + gap);
    const middle = y + barHeight / 2 + 5;
    const length = Math.max(1, lengthOf(value));
    return [
      `<text x="${labelWidth - 10}" y="${middle}" text-anchor="end" fill="#1f2937">${escaped(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" rx="3" fill="${fills[kind]}"/>`,
      `<text x="${labelWidth + length + 8}" y="${middle}" fill="#4b5563">${escaped(text)}</text>`,
    ].join("\n");
  });
  const x = labelWidth + lengthOf(line ?? 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    `  font-family="system-ui, sans-serif" font-size="14" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="24" font-size="16" font-weight="600" fill="#111827">${escaped(title)}</text>`,
    `<text x="16" y="43" font-size="12" fill="#6b7280">${escaped(subtitle)}</text>`,
    ...rows,
    ...(line === undefined
      ? []
      : [
          `<line x1="${x}" y1="${top - 6}" x2="${x}" y2="${height - gap}" stroke="#b45309" stroke-dasharray="4 4"/>`,
        ]),
    "</svg>\n",
  ].join("\n");
}
