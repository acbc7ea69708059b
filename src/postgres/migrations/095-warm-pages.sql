-- A member's entries are few, and found by her key: an index by what they are about is one more page to read and write for
-- every purchase.
drop index points_entries_ref;
-- Room on the page of a row that every event changes: it is then rewritten in place, and no index is touched.
alter table members set (fillfactor = 80);
alter table profiles set (fillfactor = 70);
