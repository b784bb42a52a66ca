/**
 * What the world decides while a flow runs: an institution's answer, the merchant's HTTP status, a channel's switch, a
 * competitor who is faster. Each such decision is a question with a few possible answers; the first one is the usual
 * one. A script names the questions that are answered otherwise, so a script is all it takes to repeat a history.
 *
 * A question is known by where the run stands, not by how often the world was called: a step that is done again after
 * a crash meets the same world as before.
 */

/** Where a run stands: its `hop`-th entry into a stage. */
export interface Place {
  readonly flow: string;
  readonly stage: string;
  readonly runId: string;
  readonly hop: number;
}

export interface Question {
  /** `pay/charge/1 charge`: flow, stage, how often it has been entered, what is asked. */
  readonly at: string;
  /** The same question in this and every later entry: `pay/charge/1+ charge`. */
  readonly onwards: string;
  readonly flow: string;
  /** Undefined: asked before the run began. */
  readonly stage: string | undefined;
  readonly what: string;
  /** The first is what happens when nobody says otherwise. */
  readonly options: readonly string[];
  readonly answer: string;
}

/** Answers by question, where they are not the usual ones. */
export type Script = Readonly<Record<string, string>>;

export class Questions {
  /** In the order they came up. */
  readonly asked: Question[] = [];
  readonly #answers = new Map<string, string>();
  /** Entries by flow and stage, in the order they were first seen. */
  readonly #entries = new Map<string, Map<string, number>>();
  #open = true;

  constructor(private script: Script) {}

  /** The answer to a question at a place; the same place gets the same answer, however often it asks. */
  ask(place: Place, what: string, options: readonly string[]): string {
    const entry = this.entryOf(place);
    const { flow, stage } = place;
    return this.#answer({ flow, stage, what, options }, `${flow}/${stage}`, entry);
  }

  /** A question that is asked before any run exists. */
  askFirst(flow: string, what: string, options: readonly string[]): string {
    return this.#answer({ flow, stage: undefined, what, options }, flow, 0);
  }

  /** How often the stage was entered when the run came to this place; 1 is the first time. */
  entryOf({ flow, stage, runId, hop }: Place): number {
    const where = `${flow}/${stage}`;
    const entries = this.#entries.get(where) ?? new Map<string, number>();
    this.#entries.set(where, entries);
    const key = `${runId} ${hop}`;
    const entry = entries.get(key) ?? entries.size + 1;
    entries.set(key, entry);
    return entry;
  }

  /** What came so far was the past of the run that matters: counting begins anew, with a script of its own. */
  begin(script: Script): void {
    this.script = script;
    this.asked.length = 0;
    this.#answers.clear();
    this.#entries.clear();
  }

  /** From now on everything is answered as usual. */
  close(): void {
    this.#open = false;
  }

  #answer(question: Omit<Question, "at" | "onwards" | "answer">, where: string, entry: number): string {
    const { what, options } = question;
    const at = entry === 0 ? `${where} ${what}` : `${where}/${entry} ${what}`;
    const known = this.#answers.get(at);
    if (known !== undefined) return known;
    const answer = (this.#open ? this.#scripted(where, entry, what) : undefined) ?? options[0] ?? "";
    this.#answers.set(at, answer);
    this.asked.push({ ...question, at, onwards: `${where}/${entry}+ ${what}`, answer });
    return answer;
  }

  #scripted(where: string, entry: number, what: string): string | undefined {
    if (entry === 0) return this.script[`${where} ${what}`];
    const exact = this.script[`${where}/${entry} ${what}`];
    if (exact !== undefined) return exact;
    // The latest of "from then on" that lies behind.
    return Object.entries(this.script)
      .map(([key, answer]) => ({ key: /^(.*)\/(\d+)\+ (.*)$/.exec(key), answer }))
      .filter(({ key }) => key?.[1] === where && key[3] === what && Number(key[2]) <= entry)
      .sort((a, b) => Number(b.key?.[2]) - Number(a.key?.[2]))[0]?.answer;
  }
}
