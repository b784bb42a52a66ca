/**
 * How a row of an order that was really paid becomes that of another order: by what its columns are, whatever tables
 * there are. Ids stay related across tables, because a copy of an id depends on the id and the number of the copy alone;
 * times, also those inside of ids, all move by the same amount. What stands in JSON stays: nobody reads it by then.
 */

export interface Column {
  readonly name: string;
  /** As information_schema.columns has it. */
  readonly type: string;
  /** PostgreSQL gives the value itself. */
  readonly generated: boolean;
}

/** The schema of the templates. */
export const workshop = "growth";

/** The time inside of a UUIDv7, moved. Milliseconds. */
const movedMs = (id: string): string =>
  `(('x' || substr(replace(${id}::text, '-', ''), 1, 12))::bit(48)::bigint + c.by_ms)`;

/**
 * RFC 9562: version 7 keeps its moved time in the first 48 bits, every other id is a hash. Written out at each place:
 * as a function in SQL it costs three times as much, and it is called a hundred million times.
 */
const movedId = (id: string): string =>
  `overlay(overlay(md5(${id}::text || c.copy) placing case when substr(${id}::text, 15, 1) = '7'
      then lpad(to_hex(${movedMs(id)}), 12, '0') || '7' else '8' end
    from case when substr(${id}::text, 15, 1) = '7' then 1 else 13 end) placing '8' from 17 for 1)::uuid`;

/** `c`: a row of `copies(copy, by_ms)`; `t`: of the template table. */
function expression({ name, type }: Column): string {
  const value = `t.${name}`;
  if (type === "uuid") return movedId(value);
  if (type === "timestamp with time zone") return `${value} + c.by_ms * interval '1 millisecond'`;
  // A run's day is that of its id.
  if (type === "date") return `(to_timestamp(${movedMs("t.run_id")} / 1000.0) at time zone 'utc')::date`;
  if (name === "merchant_order_id") return `${value} || '-' || c.copy`;
  return value;
}

/**
 * The statement that adds copies `$1` to `$2` of all template rows of a table; copy n of `$3` is moved back so far that
 * all of them are spread evenly over the `$4` milliseconds before the templates.
 */
export function copyStatement(schema: string, table: string, columns: readonly Column[]): string {
  const given = columns.filter(({ generated }) => !generated);
  return `insert into ${schema}.${table} (${given.map(({ name }) => name).join(", ")})
    select ${given.map(expression).join(", ")}
    from (select copy, -($3::bigint - copy + 1) * $4::bigint / $3::bigint as by_ms
      from generate_series($1::int, $2::int) copy) c
    cross join ${workshop}.${table} t`;
}
