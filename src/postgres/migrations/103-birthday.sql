-- `1990-05-17`, or `05-17` where the year was not said; read with a consent of its own.
alter table members add column birthday text;
alter table consents drop constraint consents_purpose_check,
  add constraint consents_purpose_check check (purpose in ('marketing', 'profiling', 'location', 'birthday'));
