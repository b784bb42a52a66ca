/** Does something grow? Straight lines through samples, by least squares. */

export interface Line {
  /** Of y per unit of x. */
  readonly slope: number;
  /** Standard error of the slope; not a number below three points. */
  readonly error: number;
  readonly mean: number;
}

export type Point = readonly [x: number, y: number];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function lineThrough(points: readonly Point[]): Line {
  const count = points.length;
  const meanX = sum(points.map(([x]) => x)) / count;
  const mean = sum(points.map(([, y]) => y)) / count;
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  const slope = sum(points.map(([x, y]) => (x - meanX) * (y - mean))) / spread;
  const rest = sum(points.map(([x, y]) => (y - mean - slope * (x - meanX)) ** 2));
  return { slope, error: count < 3 ? Number.NaN : Math.sqrt(rest / (count - 2) / spread), mean };
}

/**
 * The lowest point of each `width` consecutive ones: what remains after a garbage collection. A remainder of fewer is
 * left out: it may have seen none.
 */
export const lowerEnvelope = (points: readonly Point[], width: number): readonly Point[] =>
  Array.from({ length: Math.floor(points.length / width) }, (_, index) =>
    points
      .slice(index * width, (index + 1) * width)
      .reduce((lowest, point) => (point[1] < lowest[1] ? point : lowest)),
  );
