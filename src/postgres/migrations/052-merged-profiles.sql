-- The member an account belongs to, where that isn't the account itself: whoever reads a profile follows it in one step.
alter table profiles add column merged_into text;
create index profiles_merged_into on profiles (tenant, merged_into) where merged_into is not null;
