-- Support finds members by the number on their card.
create index members_number on members (tenant, membership_number) where membership_number <> '';
