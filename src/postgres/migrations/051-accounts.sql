-- A member is a group of accounts: those under which facts came in. Facts keep their account; which accounts are one person
-- is a link that can be taken back. An identity that nobody has registered yet collects facts in an account of its own.
alter table members
  -- The account this one was merged into; its member is where the chain ends.
  add column merged_into text,
  -- Open disputes that concern this account: [{with, kind, canonical, at}], each also in the other account's list.
  add column disputes jsonb not null default '[]',
  drop constraint members_status_check,
  add constraint members_status_check check (status in ('active', 'suspended', 'disputed', 'erased', 'unregistered'));
create index members_merged_into on members (tenant, merged_into) where merged_into is not null;

-- Which accounts a member's profile was made of, from which of her ledger versions to before which. A profile of her own
-- account alone has no row here.
create table profile_accounts (
  tenant text not null,
  member_id text not null,
  account text not null,
  since_version bigint not null,
  -- Null: still.
  until_version bigint,
  -- The times of the events that linked and unlinked it.
  since timestamptz not null,
  until timestamptz,
  primary key (tenant, member_id, account, since_version)
);
create index profile_accounts_account on profile_accounts (tenant, account);
