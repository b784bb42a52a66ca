/**
 * What every process has counted, in steps of 5 s, 60 s and 5 min, so that throughput can be seen without anybody
 * scraping. The steps and how long they are kept stand in `report.steps`.
 */
export const name = "012-series";

export const sql = `
create schema report;

create table report.samples (
  -- Length of the step that begins at "at". Seconds.
  step_s int not null,
  at timestamptz not null,
  -- The process; all zeros for gauges of the whole system, which any admin module may write.
  instance uuid not null,
  -- Its modules, joined by +, and its machine.
  service text not null,
  host text not null,
  metric text not null,
  labels jsonb not null,
  -- Counted within the step; for a gauge: how often it was looked at and was not 0.
  count bigint not null,
  -- Seconds observed within the step; for a gauge: the sum of what was seen.
  sum float8 not null,
  -- Observations by bucket of a histogram, each for itself.
  buckets int[],
  primary key (step_s, at, instance, metric, labels)
);

-- Steps are added up from the next shorter ones. A row is locked by whoever does it.
create table report.steps (
  step_s int primary key,
  -- Absent: written by the processes.
  source_s int,
  keep interval not null,
  -- Complete up to here, but for what came very late.
  until timestamptz
);
insert into report.steps (step_s, source_s, keep) values
  (5, null, interval '1 hour'), (60, 5, interval '25 hours'), (300, 60, interval '25 hours');

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'valence_bridge') then
    grant usage on schema report to valence_bridge;
    grant insert on report.samples to valence_bridge;
  end if;
end $$;
`;
