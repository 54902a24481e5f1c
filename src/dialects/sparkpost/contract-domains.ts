/** What SparkPost's callers are promised of sending domains, line by line (`contract.ts`). */
import type { Semantics } from '../shared/endpoints.ts';

export const domainSemantics: readonly Semantics[] = [
  {
    section: '7',
    says: 'up to 256 DKIM keys with an id and times, each to be named by a transmission',
    differs:
      'refused with code 1300: one key is brought beside those made here; its id is its selector, DNS must show it first, and it signs ' +
      'from then on, so that no transmission names another; a key that takes its place is a new one, with times of its own',
  },
  {
    section: '7',
    says: 'dkim keys of the caller, verified against DNS before they are stored',
    file: 'test/scenarios/own-dkim.test.ts',
    test: 'a key of the caller signs: at creation, and in place of another once DNS shows it',
  },
  {
    section: '7',
    says: 'is_default_bounce_domain: set, listed, shown; refused at creation and without a valid cname_status',
    file: 'test/scenarios/bounce-domains.test.ts',
    test: 'return_path and is_default_bounce_domain over SparkPost; what is not the sender\u2019s is refused',
  },
  {
    section: '7',
    says: 'the CNAME of a domain itself, or its MX, makes it a bounce domain',
    file: 'test/scenarios/bounce-hosts.test.ts',
    test: 'over SparkPost cname_status and mx_status say which record makes a domain a bounce domain',
  },
  {
    section: '7',
    says: 'mailbox verification by postmaster_at and verification_mailbox, by link or token; a new request ends the former',
    file: 'test/scenarios/mailbox-proofs.test.ts',
    test: 'a mailbox verifies a domain by link or token over SparkPost; a new request ends the one before',
  },
  {
    section: '7',
    says: 'abuse_at_verify; any other mailbox of a domain verifies it; mailbox, CNAME or DKIM alone make it sendable',
    differs:
      'abuse@ and mailboxes other than admin, administrator, hostmaster, postmaster and webmaster are refused with code 1300, as they ' +
      'may be anybody\u2019s; a mailbox stands for our owner record only: nothing is sent unsigned, the DKIM record is needed besides; of ' +
      'a domain whose owner is known nobody is asked',
  },
  {
    section: '7',
    says: 'dkim.signing_domain: another verified domain of the same owner, or one shared with it, signs',
    file: 'test/scenarios/signing-domains.test.ts',
    test: 'dkim.signing_domain over SparkPost names who signs; another\u2019s domain is refused as one that nobody has',
  },
  {
    section: '7',
    says: 'a domain with a signing domain needs no DKIM record of its own; a key is brought for the signing domain',
    differs:
      'its own record is needed, as it signs itself when the other may no longer; the key is that of the signing domain, one that is ' +
      'brought beside it is refused with code 1300; of one that the primary account shares a subaccount is told the name alone',
  },
];
