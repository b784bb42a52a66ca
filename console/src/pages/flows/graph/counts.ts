/** What has been counted, for each node and edge of a drawing. */
import type { GraphEdge, RunCounts } from "../../../api/flows";

export interface DrawnCounts {
  /** How often this way was taken. */
  way(edge: GraphEdge): number;
  /** Runs that stand at this node now: under way, waiting or parked. */
  standing(stage: string): { readonly state: string; readonly count: number }[];
  /** Runs that were counted. */
  readonly runs: number;
}

export function drawnCounts({ runs, ways, standing }: RunCounts): DrawnCounts {
  const taken = new Map(ways.map(({ stage, outcome, count }) => [`${stage} ${outcome}`, count]));
  return {
    runs,
    way: ({ from, outcome }) => taken.get(`${from.replace(/^stage:/, "")} ${outcome}`) ?? 0,
    standing: (stage) =>
      standing.filter((each) => each.stage === stage).map(({ state, count }) => ({ state, count })),
  };
}
