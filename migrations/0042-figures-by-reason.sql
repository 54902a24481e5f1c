-- Figures are asked by what a server answered, by named links, by the attempt that delivered and by subject, too. Series from before have none.
alter table series add column reason text, add column link text, add column attempt text, add column subject text;

-- Words without what tells one mail from another (addresses, addresses of machines, long numbers and what holds them), so that
-- the same answer to a thousand mails is one value, and nobody is named in it.
create function plain_words(text text) returns text language sql immutable parallel safe
  return nullif(btrim(left(regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(text, 500),
    '<?[^\s<>@"]+@[^\s<>@"]+>?', '<address>', 'g'),
    '\[?\m\d{1,3}(\.\d{1,3}){3}\M\]?', '<ip>', 'g'),
    '\S*\d\S*\d\S*\d\S*\d\S*\d\S*', '<id>', 'g'),
    '\s+', ' ', 'g'), 200)), '');
-- What an attempt's server answered, or why there was no answer.
create function reason_of(data jsonb) returns text language sql immutable parallel safe
  return plain_words(case when jsonb_typeof(data -> 'reply') = 'object'
    then concat_ws(' ', data -> 'reply' ->> 'code', data -> 'reply' ->> 'enhanced', data -> 'reply' ->> 'text')
    else data ->> 'error' end);
