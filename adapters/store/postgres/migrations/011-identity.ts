/**
 * People who operate the system: users, sessions, one-time links, failed logins. And the audit as a chain of hashes
 * that nobody changes; what a line's hash covers is said again, and computed again, in engine/registry/audit-chain.ts.
 */
export const name = "011-identity";

export const sql = `
create table config.users (
  name text primary key,
  role text not null check (role in ('super', 'system', 'business')),
  status text not null default 'active' check (status in ('active', 'locked')),
  -- Argon2id in PHC form; null: came by a link so far.
  password_hash text,
  -- Base32. Proposed: shown to the user, who has not confirmed it by a code yet.
  totp_secret text,
  totp_proposed text,
  -- Time step of the last code that was taken: it and those before it are good no more.
  totp_step bigint not null default 0,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  last_login_at timestamptz
);

create table config.sessions (
  -- SHA-256 of what the cookie carries: who reads this table cannot come in with it.
  token_hash text primary key,
  csrf text not null,
  user_name text not null references config.users,
  by_link boolean not null,
  address text not null,
  created_at timestamptz not null,
  last_active_at timestamptz not null
);
create index sessions_by_user on config.sessions (user_name);

-- A user has one link at most: a new one replaces it, using it removes it.
create table config.login_links (
  user_name text primary key references config.users,
  token_hash text not null unique,
  expires_at timestamptz not null
);

create table config.login_attempts (
  kind text not null check (kind in ('name', 'address')),
  subject text not null,
  failures int not null,
  last_at timestamptz not null,
  wait_until timestamptz not null,
  primary key (kind, subject)
);
create index login_attempts_old on config.login_attempts (last_at);

-- Where the chain ends. Whoever adds a line holds this row until the commit, so that lines follow each other.
create table config.audit_head (
  the_one boolean primary key default true check (the_one),
  seq bigint not null,
  hash text not null
);
insert into config.audit_head (seq, hash) values (0, repeat('0', 64));

alter table config.audit add column seq bigint, add column previous text, add column hash text;

create function config.audit_part(value text) returns text language sql immutable as $$
  select case when value is null then '-' else octet_length(value)::text || ':' || value end
$$;

create function config.audit_hash(line config.audit) returns text language sql stable as $$
  select encode(sha256(convert_to('valence-audit-1'
    || config.audit_part(line.seq::text) || config.audit_part(line.previous)
    || config.audit_part(line.audit_id::text)
    || config.audit_part(((extract(epoch from line.at) * 1000000)::bigint)::text)
    || config.audit_part(line.who) || config.audit_part(line.action) || config.audit_part(line.subject)
    || config.audit_part(line.before::text) || config.audit_part(line.after::text)
    || config.audit_part(line.reason), 'UTF8')), 'hex')
$$;

create function config.chain_audit() returns trigger language plpgsql as $$
declare
  head config.audit_head;
begin
  select * into strict head from config.audit_head for update;
  -- A line that is there already will not be added again: it conflicts with itself, and must not take a number.
  if exists (select 1 from config.audit where audit_id = new.audit_id) then
    select seq, previous, hash into new.seq, new.previous, new.hash from config.audit where audit_id = new.audit_id;
    return new;
  end if;
  new.seq := head.seq + 1;
  new.previous := head.hash;
  new.hash := config.audit_hash(new);
  update config.audit_head set seq = new.seq, hash = new.hash;
  return new;
end $$;

-- What was written before there was a chain becomes its beginning.
do $$
declare
  line config.audit;
  head config.audit_head;
begin
  for line in select * from config.audit order by at, audit_id loop
    select * into strict head from config.audit_head;
    line.seq := head.seq + 1;
    line.previous := head.hash;
    line.hash := config.audit_hash(line);
    update config.audit set seq = line.seq, previous = line.previous, hash = line.hash
      where audit_id = line.audit_id;
    update config.audit_head set seq = line.seq, hash = line.hash;
  end loop;
end $$;
alter table config.audit
  alter column seq set not null,
  alter column previous set not null,
  alter column hash set not null,
  add constraint audit_seq_key unique (seq);

create function config.keep_audit() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is only added to: % of %.% is refused', tg_op, tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

create trigger chain before insert on config.audit for each row execute function config.chain_audit();
create trigger keep before update or delete or truncate on config.audit
  for each statement execute function config.keep_audit();
-- The head moves with a line, and only then.
create trigger keep before update on config.audit_head
  for each statement when (pg_trigger_depth() = 0) execute function config.keep_audit();
create trigger keep_row before insert or delete or truncate on config.audit_head
  for each statement execute function config.keep_audit();

-- A bridge needs none of this. (New tables are not granted to its role; the audit was.)
do $$
begin
  if exists (select 1 from pg_roles where rolname = 'valence_bridge') then
    revoke all on config.audit, config.audit_head, config.users, config.sessions, config.login_links,
      config.login_attempts from valence_bridge;
  end if;
end $$;
`;
