-- What a permission rests on; null where it was not said, and then it is a consent.
alter table consents add basis text check (basis in ('consent', 'existing-customer', 'contract'));
