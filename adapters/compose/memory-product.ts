/** What the world in memory runs when it runs this product: its atoms, tables and definitions. */
import { join } from "node:path";
import type { AtomPorts } from "../../atoms/define.js";
import { vocabulary } from "../../atoms/index.js";
import { domainTables } from "../../atoms/tables.js";
import type { Row } from "../../engine/ports/store.js";
import type { Product } from "../memory/world.js";
import { deadLettersTable } from "../store/postgres/tables.js";
import { productRoot, readDefinitions } from "./root.js";

/** Tables that units of work write beside the engine's own. */
export const productTables = [...domainTables, deadLettersTable];

const oneOf =
  (column: string, ...words: readonly string[]) =>
  (row: Row): string | undefined =>
    row[column] === undefined || words.includes(String(row[column])) ? undefined : `${column} is none`;

const isPaid = (row: Row): string | undefined =>
  row["amount"] === undefined || Number(row["amount"]) > 0 ? undefined : "amount is not positive";

const orderStatus = oneOf(
  ...(["status", "processing", "requires_action", "paid", "failed", "closed"] as const),
  ...["refunded", "partially_refunded"],
);

/** What the migrations say in check constraints. */
const checks: Readonly<Record<string, (row: Row) => string | undefined>> = {
  orders: (row) => isPaid(row) ?? orderStatus(row),
  payments: isPaid,
  accountingFeed: isPaid,
};

/** @param dir folder of the definitions; default: those the product ships with */
export const memoryProduct = (dir: string = join(productRoot, "flows")): Product => ({
  vocabulary,
  tables: productTables,
  checks,
  atomPorts: (ports): AtomPorts => ports,
  files: readDefinitions(dir),
});
