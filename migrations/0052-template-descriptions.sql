-- What a template is for, in its holder's words.
alter table templates add column description text not null default '';
