/** How long operators' searches take with very many settled orders in place. */
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import { migrate } from "../../adapters/store/postgres/migrate.js";
import { PostgresOrderSearch, searchSetup } from "../../adapters/store/postgres/order-search.js";
import { deriveId } from "../../engine/ids.js";
import type { OrderQuery } from "../../engine/ports/index.js";
import { search, type SearchFigures } from "../report/sections/search.js";
import { median, spread } from "../report/percentile.js";
import { figure } from "../report/table.js";
import { filledFlags, type FilledSettings, withFilled } from "./growth/database.js";
import { defineMeasure } from "./measure.js";

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
  readonly channelOrderId: string;
  readonly amount: number;
  readonly atMs: number;
}

const limit = 50;
const hourMs = 3_600_000;

/** Newest orders looked at for some that were really paid. */
const newestMax = 20_000;

const columns = `o.order_id as "orderId", o.merchant_id as "merchantId", o.merchant_order_id as "merchantOrderId",
  p.payment_id as "paymentId", p.channel_order_id as "channelOrderId", o.amount::float8 as amount,
  (extract(epoch from o.created_at) * 1000)::float8 as "atMs"`;

/** Orders from anywhere in time. Copies have their template's number at the channel; these get one of their own. */
const samplesOf = (database: Database, count: number): Promise<readonly Sample[]> =>
  database.pool.query<Sample>(
    `with p as (
       update core.payments set channel_order_id = 'search-' || payment_id where payment_id in (
         select payment_id from core.payments tablesample system (0.1) repeatable (1)
         order by md5(payment_id::text) limit $1)
       returning payment_id, order_id, channel_order_id
     )
     select ${columns} from p join core.orders o using (order_id)`,
    [count],
  );

/** Orders that were really paid: a copy's id does not follow from the number its merchant gave it. */
async function paidOf(database: Database, count: number): Promise<readonly Sample[]> {
  const newest = await database.pool.query<Sample>(
    `select ${columns} from (select * from core.payments order by payment_id desc limit $1) p
     join core.orders o using (order_id)`,
    [newestMax],
  );
  return newest
    .filter(
      ({ orderId, merchantId, merchantOrderId }) =>
        orderId === deriveId("order", merchantId, merchantOrderId),
    )
    .slice(0, count);
}

const byMerchant = ({ merchantOrderId }: Sample): Partial<OrderQuery> => ({ number: merchantOrderId });

/** What operators ask for, about the order of a sample. */
const kinds: Readonly<Record<string, (sample: Sample) => Partial<OrderQuery>>> = {
  "number of the order": ({ orderId }) => ({ number: orderId }),
  "number of the payment": ({ paymentId }) => ({ number: paymentId }),
  "number of the channel": ({ channelOrderId }) => ({ number: channelOrderId }),
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
    const asked = [
      ["number of the merchant", (await paidOf(database, count)).map(byMerchant)] as const,
      ...Object.entries(kinds).map(([what, queryOf]) => [what, samples.map(queryOf)] as const),
    ];
    for (const [what, queries] of asked) {
      const timed = { what, ...(await time(finder, queries)) };
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
