/** How long operators' searches take with very many settled orders in place. */
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import { migrate } from "../../adapters/store/postgres/migrate.js";
import { PostgresOrderSearch, searchSetup } from "../../adapters/store/postgres/order-search.js";
import type { OrderQuery } from "../../engine/ports/index.js";
import { search, type SearchFigures } from "../report/sections/search.js";
import { median } from "../report/percentile.js";
import { figure } from "../report/table.js";
import { filledFlags, type FilledSettings, withFilled } from "./growth/database.js";
import { defineMeasure } from "./measure.js";
import { spread } from "./watcher.js";

type Say = (text: string) => void;

interface Settings extends FilledSettings {
  readonly searches: number;
}

/** An order that is there. */
interface Sample {
  readonly orderId: string;
  readonly merchantId: string;
  readonly merchantOrderId: string;
  readonly paymentId: string;
  readonly channelOrderId: string | null;
  readonly amount: number;
  readonly atMs: number;
}

const limit = 50;
const hourMs = 3_600_000;

/** Orders from anywhere in time. */
const samplesOf = (database: Database, count: number): Promise<readonly Sample[]> =>
  database.pool.query<Sample>(
    `select o.order_id as "orderId", o.merchant_id as "merchantId", o.merchant_order_id as "merchantOrderId",
       p.payment_id as "paymentId", p.channel_order_id as "channelOrderId", o.amount::float8 as amount,
       (extract(epoch from o.created_at) * 1000)::float8 as "atMs"
     from (select * from core.payments tablesample system (0.1) repeatable (1) order by md5(payment_id::text) limit $1) p
     join core.orders o using (order_id)`,
    [count],
  );

/** What operators ask for, about the order of a sample. */
const kinds: Readonly<Record<string, (sample: Sample) => Partial<OrderQuery>>> = {
  "number of the order": ({ orderId }) => ({ number: orderId }),
  "number of the merchant": ({ merchantOrderId }) => ({ number: merchantOrderId }),
  "number of the payment": ({ paymentId }) => ({ number: paymentId }),
  "number of the channel": ({ channelOrderId, paymentId }) => ({ number: channelOrderId ?? paymentId }),
  "number that nobody has": ({ merchantOrderId }) => ({ number: `${merchantOrderId}-no` }),
  "newest of all": () => ({}),
  "newest of a merchant, paid": ({ merchantId }) => ({ merchantId, statuses: ["paid"] }),
  "an hour long ago": ({ atMs }) => ({ fromMs: atMs - hourMs, toMs: atMs }),
  "an amount, an hour long ago": ({ atMs, amount }) => ({
    ...{ fromMs: atMs - hourMs, toMs: atMs },
    ...{ amountMinorMin: amount, amountMinorMax: amount },
  }),
  "waits for a person": () => ({ attention: "parked" }),
  "does not move": () => ({ attention: "stuck" }),
  "a state that no order has": () => ({ statuses: ["created"], amountMinorMax: 1 }),
};

async function time(
  finder: PostgresOrderSearch,
  queries: readonly Partial<OrderQuery>[],
): Promise<Omit<SearchFigures["searches"][number], "what">> {
  const tookMs: number[] = [];
  const found: number[] = [];
  for (const query of queries) {
    const startMs = performance.now();
    const page = await finder.search({ limit, ...query });
    tookMs.push(performance.now() - startMs);
    found.push(page.orders.length);
  }
  return { count: queries.length, found: median(found), ...spread(tookMs) };
}

async function searchIn(url: string, { searches: count }: Settings, say: Say): Promise<SearchFigures> {
  // It may have been left by an earlier build.
  await migrate({ url, embedded: false });
  const database = connect({ url, embedded: false, applicationName: "bench search", connectionsMax: 2 });
  try {
    const [row] = await database.pool.query<{ orders: number }>(
      "select count(*)::float8 as orders from core.orders",
    );
    const samples = await samplesOf(database, count);
    const finder = new PostgresOrderSearch({
      sql: database.dedicated("search", searchSetup),
      nowMs: () => performance.now(),
    });
    const searches: SearchFigures["searches"][number][] = [];
    for (const [what, queryOf] of Object.entries(kinds)) {
      const timed = { what, ...(await time(finder, samples.map(queryOf))) };
      say(`  ${what}: p50 ${figure(timed.p50Ms, 1)} ms, longest ${figure(timed.maxMs, 1)} ms`);
      searches.push(timed);
    }
    return { orders: row?.orders ?? 0, searches, failures: [] };
  } finally {
    await database.close();
  }
}

export const searchMeasure = defineMeasure({
  section: search,
  flags: { searches: { preset: 100, help: "of each kind" }, ...filledFlags },
  measure: (settings: Settings, say) => withFilled(settings, say, (url) => searchIn(url, settings, say)),
});
