/** What SparkPost's callers are promised of people, pools, privacy, whom lists leave out and monitoring, line by line (`contract.ts`). */
import type { Semantics } from '../shared/endpoints.ts';
import { proof } from './proof.ts';

export const accountSemantics: readonly Semantics[] = [
  {
    section: '12',
    says: 'signing_domain and fbl_signing_domain of pools: verified domains of the primary account sign what leaves by them',
    file: 'test/scenarios/pool-signers.test.ts',
    test: 'over SparkPost pools have a signing_domain and an fbl_signing_domain',
  },
  {
    section: '12',
    says: 'the signing domain of a pool',
    differs: 'signs besides the domain that the mail is from, which signs as ever: DMARC goes by that one',
  },
  {
    section: '12',
    says: 'auto_warmup_enabled and auto_warmup_stage of an address, downwards only',
    ...proof('account', 'the warm-up of an address is switched on and off, and set back by stage'),
  },
  {
    section: '12',
    says: 'auto_warmup_overflow_pool of a pool; 29 stages',
    differs:
      'refused with 400: what is over follows each address, as natively; a stage is a day of the native plan, which has twelve unless it ' +
      'says otherwise',
  },
  {
    section: '4',
    says: 'access levels, and what nobody may be given',
    ...proof(
      'users',
      'an access level stands for a role of ours, both ways, and nobody is given what is not known',
    ),
  },
  {
    section: '4',
    says: 'access level custom, created and updated of a person',
    differs:
      'custom is told of roles and limits that no word says, and not given; times are not told; the username is the e-mail address',
  },
  {
    section: '4',
    says: 'a person who is bound to a subaccount stays bound to it alone',
    differs: 'bound to any number of subaccounts with the same endpoints, never to none',
  },
  {
    section: '16',
    says: 'alerts and blocklist monitors are made, changed and have incidents',
    differs:
      'read only: they are set in the native API; a measure that SparkPost has no word for has ours, listings of the past are not counted',
  },
  {
    section: '16',
    says: 'who may ask for a person to be forgotten',
    differs: 'a key with our own grant erasures:write: no word of SparkPost stands for it',
  },
  {
    section: '16',
    says: 'an opt-out for all subaccounts in their suppression lists',
    differs: "the account's own list shows it; a list above theirs stops it, for later subaccounts as well",
  },
  {
    section: '8',
    says: 'an entry stops mail of every sender: one that natively stops a single sender is not on the list',
    ...proof('suppressions', 'what stops mail of one sender alone is not on the list, nor taken off by it'),
  },
];
