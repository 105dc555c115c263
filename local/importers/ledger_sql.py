"""The ledger's tables, and what is done with them."""

# `import`: the job that changed the row last; `brought`: the one that had it first. `seen`: the latest publication that
# had the row. `withdrawn`: `open` until ingest has answered for that, then `done`.
# `covered`: the latest publication that had a street file of the month and force.
TABLES = """
create table if not exists outcomes (
    dataset text, crime text, type text, month text, published integer, import text, primary key (dataset, crime)
) without rowid;
create table if not exists crimes (
    dataset text, crime text, record text, month text, force text, area text, offence text, type text, decided text,
    revision integer, published integer, import text, seen integer, withdrawn text,
    brought text,
    primary key (dataset, crime, record)
) without rowid;
create index if not exists withdrawn_crimes on crimes (dataset) where withdrawn is not null;
create table if not exists calls (
    dataset text, record text, month text, force text, seen integer, primary key (dataset, record)
) without rowid;
create table if not exists covered (
    dataset text, month text, force text, published integer, primary key (dataset, month, force)
) without rowid;
create temp table covering (month text, force text, published integer, primary key (month, force)) without rowid;
"""
# Of one month's outcomes the one further down in the file is the later; a file that is read again ends with the same.
KEEP_OUTCOME = """
insert into outcomes values (?, ?, ?, ?, ?, ?) on conflict do update set type = excluded.type, month = excluded.month,
published = excluded.published, import = excluded.import
where excluded.month >= month and excluded.published >= published
"""
# Of equal revisions the withdrawal was posted first, so that it stands.
KEEP_CRIME = """
insert into crimes values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?11, null, ?12) on conflict do update set
month = excluded.month, area = excluded.area, offence = excluded.offence, type = excluded.type,
decided = excluded.decided, revision = excluded.revision, published = excluded.published, import = excluded.import,
withdrawn = null
where excluded.revision > revision or (excluded.revision = revision and withdrawn is null)
"""
SEE_CRIME = """
update crimes set seen = max(seen, ?4) where dataset = ?1 and crime = ?2 and record = ?3
"""
KEEP_CALL = """
insert into calls values (?, ?, ?, ?, ?) on conflict do update set seen = max(seen, excluded.seen)
"""
CHANGE_CRIME = """
update crimes set type = ?, decided = ?, revision = ? where dataset = ? and crime = ? and record = ?
"""
WITHDRAW = """
update crimes set withdrawn = 'open', revision = ? where dataset = ? and crime = ? and record = ?
"""
# Asked for each file: by its index, for without statistics the primary key is taken, and every crime looked at.
WITHDRAWN = """
select record, revision, covered.published
from crimes indexed by withdrawn_crimes join covered using (dataset, month, force)
where dataset = ? and withdrawn is not null
"""
SETTLE = """
update crimes set withdrawn = 'done' where dataset = ? and withdrawn = 'open'
and (month, force) in (select month, force from temp.covering)
"""
OF_EARLIER = """
from outcomes join crimes using (dataset, crime)
where outcomes.dataset = ?1 and outcomes.import = ?2 and crimes.import <> ?2
"""
COVER = """
insert into covered select ?, month, force, published from temp.covering where true
on conflict do update set published = max(published, excluded.published)
"""
# What a later publication covered already was not in it, where this import has an older one.
COVERED = """
from {table} join temp.covering using (month, force) left join covered using (dataset, month, force)
where {table}.dataset = ?1
"""
VANISHED = f"{COVERED} and seen < max(covering.published, coalesce(covered.published, 0))"
BY_PLACE = f"""
select month || ' ' || force || ' ' || area, count(*) {COVERED.format(table="crimes")}
and brought <> ?2 and withdrawn is not 'done'
group by month, force, area
"""
COVERED_LATER = """
from temp.covering join covered using (month, force)
where covered.dataset = ?1 and covered.published > covering.published
"""
