/** Languages of placeholders, as they are called. */
import type { Reply } from '../../api/client.ts';

export type Language = Reply<'GET /templates/{id}'>['version']['language'];

const names: Readonly<Record<Language, string>> = {
  liquid: 'Liquid',
  handlebars: 'Handlebars',
  plain: 'None: as it stands',
  merge_tags: 'Merge tags',
  sparkpost: 'SparkPost',
  mailersend: 'MailerSend',
  mailjet: 'Mailjet',
  mailjet_tags: 'Mailjet tags',
};

export const languageChoices = Object.entries(names).map(([value, label]) => ({ value, label }));
