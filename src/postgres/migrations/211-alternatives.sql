-- A share of a campaign's members gets another mail, to compare the two: {"share", "template", "pinnedVersion"}.
alter table campaigns add column alternative jsonb;
