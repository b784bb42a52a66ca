/**
 * `defineAtom` ties the engine's atom contract to this product's dictionary: the compiler of TypeScript checks that an
 * atom touches only the fields it declares, at the price of a `Pick`, not of a schema inference per atom.
 */
import type { JSONSchema } from "json-schema-to-ts";
import type { Atom, AtomContext, AtomResult, Effect } from "../engine/atom.js";
import type { ChannelDriver, Reference, RowReader, WebhookSender } from "../engine/ports/index.js";
import type { FieldName, Fields } from "./fields.js";

/** What the world offers to atoms. A module without a channel has no driver for it. */
export interface AtomPorts {
  readonly reference: Reference;
  readonly rows: RowReader;
  readonly webhooks: WebhookSender;
  /** This process has the driver of the channel. A stand-in for a channel that sends nothing has none. */
  fronts(name: string): boolean;
  /** Throws `plan_unknown` when this process does not front the channel. */
  channel(name: string): ChannelDriver;
}

type Outcomes = Readonly<
  Record<string, { readonly writes?: readonly FieldName[]; readonly mayWrite?: readonly FieldName[] }>
>;

type Written<O extends Outcomes> = {
  [K in keyof O]: NonNullable<O[K]["writes"]>[number] | NonNullable<O[K]["mayWrite"]>[number];
}[keyof O];

type Result<O extends Outcomes> = Omit<AtomResult, "outcome" | "fields"> & {
  readonly outcome: keyof O & string;
  readonly fields?: Readonly<Partial<Pick<Fields, Written<O>>>>;
};

type Run<R extends FieldName, P extends FieldName, O extends Outcomes, L extends boolean> = (
  input: Readonly<Pick<Fields, R> & Partial<Pick<Fields, P>>>,
  context: AtomContext<L extends true ? AtomPorts : Omit<AtomPorts, "rows">>,
) => Result<O> | Promise<Result<O>>;

interface Declaration<R extends FieldName, P extends FieldName, O extends Outcomes, L extends boolean> {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly effect: Effect;
  readonly reads: readonly R[];
  readonly readsIfPresent?: readonly P[];
  readonly outcomes: O;
  readonly params?: JSONSchema;
  readonly guarded?: boolean;
  readonly readsRows?: L;
  readonly idempotentBy?: FieldName;
  readonly decides?: readonly (keyof O & string)[];
  readonly run: Run<R, P, O, L>;
  readonly inquire?: Run<R, P, O, L>;
}

export const defineAtom = <
  const R extends FieldName,
  const O extends Outcomes,
  const P extends FieldName = never,
  const L extends boolean = false,
>(
  declaration: Declaration<R, P, O, L>,
): Atom<AtomPorts> => declaration as unknown as Atom<AtomPorts>;
