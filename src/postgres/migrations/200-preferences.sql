-- What a member said on the preference page: a topic that is off or on is a consent of its own, `topic:<id>`.
alter table consents drop constraint consents_purpose_check,
  add constraint consents_purpose_check
    check (purpose in ('marketing', 'profiling', 'location', 'birthday') or purpose like 'topic:%');
-- How often they want commercial mails at most: `all`, `weekly`, `monthly`.
alter table members add column mail_frequency text;

-- Members who asked to be erased, until they are.
create table erasure_requests (
  tenant text not null,
  member_id text not null,
  brand text not null,
  asked_at timestamptz not null,
  -- What shows that they asked.
  proof text not null,
  primary key (tenant, member_id)
);
