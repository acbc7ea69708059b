-- Tips, shipping, gift cards and fees are paid with a purchase, and aren't bought.
alter table purchase_lines add column kind text not null default 'product';
