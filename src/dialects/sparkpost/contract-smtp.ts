/** What SparkPost's callers are promised over SMTP, line by line (`contract.ts`). */
import type { Semantics } from '../shared/endpoints.ts';
import { proof } from './proof.ts';

export const smtpSemantics: readonly Semantics[] = [
  {
    section: '14',
    says: 'X-MSYS-API over SMTP: metadata, tags, campaign, options; the field is removed',
    ...proof(
      'smtp',
      'X-MSYS-API says campaign, metadata, tags, pool and tracking of a mail, and is taken off',
    ),
  },
  {
    section: '14',
    says: 'cc, bcc and archive copies, each a message of its own with its rcpt_type',
    ...proof(
      'smtp',
      'copies that X-MSYS-API names are messages of their own, an archive one with the same links',
    ),
  },
  {
    section: '14',
    says: 'a mail without the field is not transactional and not tracked unless the account says so; its language is not applied',
    ...proof('smtp', 'without X-MSYS-API a mail is not transactional, nothing is tracked and braces stay'),
  },
  {
    section: '14',
    says: 'a malformed field, and a domain that is not usable, are refused at the end of DATA',
    ...proof('smtp', 'what is wrong with X-MSYS-API or the sender is told in SparkPost words'),
  },
  {
    section: '14',
    says: 'a login that may not send is 535; the suffix names whom the primary account sends for',
    ...proof('smtp', 'a login that may not send is turned away; the suffix says for whom the mail is'),
  },
  {
    section: '14',
    says: 'MAIL FROM is where bounces come back by when its domain is such a domain of the sender, and replaced otherwise',
    file: 'test/scenarios/bounce-domains.test.ts',
    test: 'return_path and is_default_bounce_domain over SparkPost; what is not the sender\u2019s is refused',
  },
  {
    section: '14',
    says: 'skip_suppression and dkim_key of X-MSYS-API',
    differs: 'passed over, as over REST: nobody skips a suppression, domains say who signs',
  },
  {
    section: '14',
    says: '550 relaying denied without a login, 421 for internal trouble',
    differs: '530 5.7.0 before anybody is known to be of SparkPost; 451 and 452, and the session goes on',
  },
];
