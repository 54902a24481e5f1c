-- A partition is made apart and attached, one a transaction: attaching keeps nobody from reading or writing, and whoever
-- holds a lock on one table only is in no deadlock. Dropping takes the whole table for an instant; it waits for no longer
-- than accepting mail may be held up, and leaves what is being read to the next round.

drop function make_partitions(timestamptz);
drop function drop_old_partitions(timestamptz);

create procedure make_partitions(instant timestamptz) language plpgsql as $$
declare
  t record;
  class record;
  parent text;
  leaf text;
  width bigint;
  low bigint;
begin
  for class in select * from (values (7, 1), (30, 5), (90, 10), (400, 40)) as c (days, width_days) loop
    width := class.width_days * 86400000::bigint;
    for t in select * from partitioned_tables order by name loop
      parent := t.name || '_' || class.days;
      if to_regclass(parent) is null then
        execute format('create table %I partition of %I for values in (%s) partition by range (%I)',
          parent, t.name, class.days, t.range_key);
        perform secure_tables();
        commit;
      end if;
      for step in 0..1 loop
        low := (floor(extract(epoch from instant) * 1000 / width)::bigint + step) * width;
        leaf := format('%s_%s', parent, to_char(to_timestamp(low / 1000) at time zone 'utc', 'YYYYMMDD'));
        continue when to_regclass(leaf) is not null;
        -- Several nodes come here in the same hour: the second finds what the first has made.
        perform pg_advisory_xact_lock(hashtext('lettershop partitions'));
        if to_regclass(leaf) is null then
          execute format('create table %I (like %I including all) with (fillfactor = %s)',
            leaf, parent, case t.name when 'messages' then 80 else 100 end);
          if t.name = 'submissions' then
            execute format('alter table %I alter column content set storage external', leaf);
          end if;
          execute format('alter table %I enable row level security, force row level security', leaf);
          execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, leaf,
            case t.range_key when 'id' then (low << 21)::text else to_timestamp(low / 1000)::text end,
            case t.range_key when 'id' then ((low + width) << 21)::text else to_timestamp((low + width) / 1000)::text end);
        end if;
        commit;
      end loop;
    end loop;
  end loop;
end $$;

create procedure drop_old_partitions(instant timestamptz) language plpgsql as $$
declare
  leaf record;
  ends bigint;
begin
  -- By name: events go before the postings that are made of them, so that none is made for a partition that is gone.
  for leaf in
    select c.relname, p.name, p.range_key, split_part(c.relname, '_', 2)::integer as days, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_class c
    join pg_inherits i on i.inhrelid = c.oid
    join pg_class parent on parent.oid = i.inhparent and parent.relispartition
    join partitioned_tables p on c.relname like p.name || '\_%'
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
    order by c.relname
  loop
    ends := case leaf.range_key
      when 'id' then (substring(leaf.bound from 'TO \(''?(\d+)''?\)'))::bigint >> 21
      else (extract(epoch from substring(leaf.bound from 'TO \(''(.*?)''\)')::timestamptz) * 1000)::bigint end;
    continue when ends + leaf.days * 86400000::bigint > extract(epoch from instant) * 1000;
    continue when leaf.range_key = 'id' and exists (
      select from queue where retention_days = leaf.days and message_id < ends << 21 limit 1);
    perform set_config('lock_timeout', '200ms', true);
    begin
      execute format('drop table if exists %I', leaf.relname);
    exception when lock_not_available then null;
    end;
    commit;
  end loop;
end $$;
