/** What the story says about the stages of a run's plan: which asks the channel, and where a parked run may go on. */
import type { Plan, TransactionStage } from "../compiler/plan.js";
import type { Vocabulary } from "../compiler/vocabulary.js";
import type { StoryStage } from "../ports/story.js";

type Atoms = Vocabulary["atoms"];

/** True when the wait's timeout leads to a question the institution decides by its answer, and to no call. */
export function asksNext(plan: Plan, stage: string, atoms: Atoms): boolean {
  const wait = plan.stages[stage];
  const target = wait?.kind === "wait" ? wait.on["timeout"] : undefined;
  const next = target?.to === "stage" ? plan.stages[target.stage] : undefined;
  return next?.kind === "transaction" && !sends(next) && asks(next, atoms);
}

/** A request that moves money stands behind an intent. */
const sends = ({ steps }: TransactionStage): boolean => steps.some(({ intent }) => intent);

const asks = ({ steps }: TransactionStage, atoms: Atoms): boolean =>
  steps.some(({ atom }) => (atoms.get(atom)?.decides ?? []).length > 0);

/** Messages enter transactions only. Whether one of them makes sense the person knows who looked at the order. */
export const stagesToGoOnIn = (
  plan: Plan,
  vocabulary: Pick<Vocabulary, "atoms" | "dictionary">,
): readonly StoryStage[] =>
  Object.entries(plan.stages).flatMap(([stage, found]) =>
    found.kind === "transaction"
      ? [
          {
            stage,
            transaction: found.transaction,
            sends: sends(found),
            asks: !sends(found) && asks(found, vocabulary.atoms),
            decisions: decisionsIn(found, vocabulary),
          },
        ]
      : [],
  );

/** The fields by which a person decides in this stage, with their titles. */
export function decisionsIn(
  { steps }: TransactionStage,
  { atoms, dictionary }: Pick<Vocabulary, "atoms" | "dictionary">,
): StoryStage["decisions"] {
  const read = steps.flatMap(({ atom }) => atoms.get(atom)?.readsIfPresent ?? []);
  return Object.fromEntries(
    [...new Set(read)].flatMap((name) => {
      const spec = dictionary[name];
      return spec?.decision ? [[name, spec.title]] : [];
    }),
  );
}
