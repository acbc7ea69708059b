-- What a profile's document was when it was written, by which schema: `jsonb_hash_extended(document, the schema's fingerprint)`.
-- Who reads it need not look at it field by field while that is so; a row that says nothing, or was changed by hand, is looked at.
alter table profiles add column document_seal bigint;
