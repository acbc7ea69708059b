-- At most one mail of all campaigns of a group goes to a member.
alter table campaigns add column group_name text;

-- Fields of one member's mail, beside those of the campaign.
alter table campaign_audience add column data jsonb;

create table campaign_exclusions (
  campaign_id uuid not null references campaigns on delete cascade,
  member_id text not null,
  primary key (campaign_id, member_id)
);
create index campaign_exclusions_member on campaign_exclusions (member_id);

-- Whose turn it is in a group: the campaign that came first, until its message turns out not to be sent.
create table campaign_group_members (
  tenant text not null,
  group_name text not null,
  member_id text not null,
  campaign_id uuid not null references campaigns on delete cascade,
  message_id uuid not null,
  primary key (tenant, group_name, member_id)
);
