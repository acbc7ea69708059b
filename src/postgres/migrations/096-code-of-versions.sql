-- The code a version was made for: from path to the hash of its content. Null in versions from before, which have that code
-- among their files; it is not run any more.
alter table template_versions add column code jsonb;
