import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { classify } from './classify.ts';
import type { BouncePhase } from './classify.ts';
import { byDetail, telling } from './codes.ts';
import type { BounceClass } from './codes.ts';

const details = [...Object.keys(byDetail), ...Object.keys(telling)];

/** `code enhanced text`, as a server would send it; the phase is RCPT unless said. */
function read(line: string, phase: BouncePhase = 'rcpt') {
  const match = /^(\d{3}) ?(?:([245]\.\d{1,3}\.\d{1,3}) ?)?(.*)$/s.exec(line);
  assert.ok(match, line);
  return classify({ code: Number(match[1]), enhanced: match[2] ?? null, text: match[3] ?? '' }, phase);
}

type Case = [line: string, expected: BounceClass, phase?: BouncePhase];

function table(cases: readonly Case[]): void {
  for (const [line, expected, phase] of cases) {
    const found = read(line, phase);
    assert.equal(found.class, expected, `${line} (${found.rule})`);
  }
}

test('an address that does not exist is hard, however it is said', () => {
  table([
    ['550 5.1.1 The account does not exist', 'hard'],
    ['550 5.1.1 <x@a.test>: Recipient address rejected: User unknown in local recipient table', 'hard'],
    ['550 5.1.1 <x@a.test>: Recipient address rejected: User unknown in virtual mailbox table', 'hard'],
    ['550 <x@a.test>: User unknown', 'hard'],
    ['550 Unrouteable address', 'hard'],
    ['550 No such user here', 'hard'],
    ['550 No Such User Here"', 'hard'],
    ['550 Invalid recipient', 'hard'],
    ['550 Requested action not taken: mailbox unavailable', 'hard'],
    ['550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)', 'hard'],
    ['550 5.4.1 Recipient address rejected: Access denied. [AM0.test]', 'hard'],
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient x not found by SMTP address lookup', 'hard'],
    ['550 #5.1.0 Address rejected.', 'hard'],
    ['550 5.1.0 Address rejected', 'hard'],
    ["554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.test) [0]", 'hard', 'final'],
    ['554 30 x@y.test: not delivered, this mailbox is disabled (554.30).', 'hard', 'final'],
    ['550 5.2.1 That e-mail account is inactive', 'hard'],
    ['550 5.2.1 That e-mail account is disabled', 'hard'],
    ['550 5.1.6 recipient no longer on server: x@icloud.test', 'hard'],
    ['551 User not local; please try elsewhere', 'hard'],
    ['553 5.1.3 Invalid address format', 'hard'],
    ['550 5.1.2 Bad destination mailbox address', 'hard'],
    ['556 5.1.10 Recipient address has null MX', 'hard'],
    ['556 domain does not accept mail', 'hard'],
    ['550 5.4.4 Unable to route: host not found', 'hard'],
    ['550 5.4.310 DNS domain a.test does not exist', 'hard'],
    ['550 5.0.0 unknown user account', 'hard'],
    ['550 5.7.1 No such recipient', 'hard'],
    ['550 sorry, no mailbox here by that name', 'hard'],
    ['550 account has been deactivated', 'hard'],
    ['550 not our customer', 'hard'],
    ['550 5.1.1 user unknown', 'hard', 'report'],
  ]);
});

test('a mailbox or system in trouble is soft', () => {
  table([
    ['552 5.2.2 That e-mail account is over quota', 'soft'],
    ['552 Mailbox full', 'soft'],
    ['550 Quota exceeded (mailbox for user is full)', 'soft'],
    ['550 5.1.1 mailbox is full', 'soft'],
    ['554 5.2.2 mailbox full; STOREDRV.Deliver: quota exceeded', 'soft', 'final'],
    ['452 4.2.2 Mailbox full', 'soft'],
    ['452 4.3.1 Insufficient system storage', 'soft', 'mail'],
    ['451 4.3.5 Server configuration error', 'soft'],
    ['451 Temporary local problem - please try later', 'soft'],
    ['450 4.1.1 <x@a.test>: Recipient address rejected: unverified address', 'soft'],
    ['450 4.2.0 <x@a.test>: Recipient address rejected: Greylisted, see http://a.test/', 'soft'],
    ['550 5.7.1 Greylisting in action, please come back later', 'soft'],
    ['450 4.2.1 This user is receiving mail too quickly', 'soft'],
    ['550 5.2.1 This user is receiving mail at a rate beyond what we deliver', 'soft'],
    ['452 4.5.3 Too many recipients', 'soft'],
    ['552 5.3.4 Message size exceeds fixed limit', 'soft', 'mail'],
    ['554 5.3.0 Mail system trouble', 'soft'],
    ['421 4.4.2 Connection timed out', 'soft'],
    ['421 Service not available', 'soft', 'greeting'],
    ['550 5.4.7 Delivery expired', 'soft', 'report'],
    ['550 5.4.300 Message expired', 'soft', 'report'],
    ['450 mailbox unavailable', 'soft'],
    ['450 4.1.1 user unknown', 'soft'],
    ['550 user account is suspended', 'soft'],
    ['451 4.7.1 Please try again later', 'soft'],
  ]);
});

test('spam, lists, rates and reputation are a block, and never hard', () => {
  table([
    ['550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org', 'block'],
    ['550 5.1.1 rejected, 192.0.2.1 is listed at Spamhaus', 'block'],
    ['554 5.7.1 Message rejected as spam by content filtering', 'block', 'final'],
    ['550 User unknown: your message looks like spam.', 'block'],
    ['550 5.7.1 this message is likely unsolicited mail', 'block', 'final'],
    ['550 5.7.1 suspicious, the sending domain has a very low reputation', 'block', 'final'],
    ['421 4.7.0 unusual rate of unsolicited mail from 192.0.2.1', 'block', 'final'],
    ['421 4.7.28 an unusual amount of mail came from you', 'block', 'final'],
    [
      "550 5.7.1 messages from [192.0.2.1] weren't sent; the network is on our block list (S3150)",
      'block',
      'mail',
    ],
    ['550 5.7.606 Access denied, banned sending IP [192.0.2.1]', 'block'],
    ['550 5.7.511 Access denied, banned sender', 'block', 'mail'],
    ['451 4.7.650 The mail server [192.0.2.1] is rate limited for its IP reputation', 'block', 'mail'],
    ['451 4.7.500 Server busy. Please try again later', 'block'],
    [
      '421 4.7.0 [TSS04] Messages from 192.0.2.1 deferred: unexpected volume or user complaints',
      'block',
      'mail',
    ],
    ['553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1', 'block', 'greeting'],
    ["554 Access to this mail system is rejected for the sending MTA's poor reputation", 'block', 'greeting'],
    ['554 Blocked - see https://support.proofpoint.test/dnsbl-lookup.cgi', 'block', 'greeting'],
    ['550 permanent failure for one or more recipients: blocked by the client host list', 'block'],
    ['554 No SMTP service here', 'block', 'greeting'],
    ['421 too many connections from your host', 'block', 'greeting'],
    ['550 too many invalid recipients', 'block'],
    ["550 5.1.90 Your message can't be sent because you've reached your daily limit", 'block'],
    ['550 5.7.1 delivery not authorized', 'block'],
    ['554 IP=192.0.2.1 - dialup address blocked', 'block', 'greeting'],
    ['550 5.7.1 Mail from your IP is blocked', 'block'],
  ]);
});

test('missing authentication, forbidden content and house rules are policy, and never hard', () => {
  table([
    ['550 5.7.26 blocked, because the sender is unauthenticated', 'policy', 'final'],
    ['550 5.7.1 Email rejected per DMARC policy for a.test', 'policy', 'final'],
    ['550 5.7.515 Access denied, a.test does not meet the required authentication level', 'policy', 'final'],
    ['550 5.7.509 Access denied, sending domain a.test does not pass DMARC verification', 'policy', 'final'],
    ['550 5.1.1 SPF check failed for a.test', 'policy'],
    ['550 5.7.23 SPF validation failed', 'policy', 'mail'],
    ['421 4.7.26 your mail has been rate limited', 'policy', 'final'],
    ['421 4.7.27 not accepted yet', 'policy', 'final'],
    ['550 5.7.25 no matching record for the sending address', 'policy', 'final'],
    ['450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]', 'policy'],
    ['450 4.7.1 <mx.a.test>: Helo command rejected: Host not found', 'policy'],
    ['550 5.7.10 encryption needed', 'policy', 'mail'],
    ['530 5.7.0 Must issue a STARTTLS command first', 'policy', 'mail'],
    ['554 Message not allowed - [PH01] Email not accepted for policy reasons', 'policy', 'final'],
    ['554 5.7.1 [CS01] Message rejected due to local policy', 'policy', 'final'],
    ['554 Transaction failed: reject due to policy restrictions', 'policy', 'final'],
    ['550 Administrative prohibition', 'policy'],
    ['550 Rejected by header based anti-spoofing policy', 'policy', 'final'],
    ['552 5.7.0 blocked: its content is a potential security issue', 'policy', 'final'],
    ['554 5.7.1 a virus was found', 'policy', 'final'],
    ['550 5.7.133 Sender not authenticated for this group', 'policy', 'final'],
    ['550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized', 'policy', 'final'],
    ['550 you do not have permission to post messages to this group', 'policy', 'final'],
    ['554 5.6.0 malformed message', 'policy', 'final'],
    ['550 5.6.7 non-ASCII addresses are not supported', 'policy'],
    ['550 5.7.17 mailbox owner has changed', 'policy'],
  ]);
});

test('trouble with our sender or set-up is for the administrator, and never hard', () => {
  table([
    ['550 5.1.8 <x@ours.test>: Sender address rejected: Domain not found', 'admin'],
    ['450 4.1.8 <x@ours.test>: Sender address rejected: Domain not found', 'admin'],
    ['550 5.1.0 <x@ours.test>: Sender address rejected: User unknown in virtual mailbox table', 'admin'],
    ['550 5.1.7 Invalid return path syntax', 'admin', 'mail'],
    ['550 5.1.8 Access denied, bad outbound sender', 'admin'],
    ['550 Sender verify failed', 'admin'],
    ['550 Verification failed for <x@ours.test>', 'admin'],
    ['554 5.7.1 <x@a.test>: Relay access denied', 'admin'],
    ['454 4.7.1 <x@a.test>: Relay access denied', 'admin'],
    ['550 relay not permitted', 'admin'],
    ["553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", 'admin'],
    ['550 5.7.64 TenantAttribution; Relay Access Denied', 'admin'],
    ['530 5.7.57 Client was not authenticated to send anonymous mail', 'admin', 'mail'],
    ['530 Authentication required', 'admin', 'mail'],
    ['535 5.7.8 Bad credentials', 'admin', 'auth'],
    ['500 5.5.1 Command unrecognized', 'admin', 'ehlo'],
    ['501 5.5.4 Invalid arguments', 'admin', 'mail'],
    ['555 Unsupported parameter', 'admin'],
    ['554 5.4.6 Too many hops', 'admin', 'final'],
  ]);
});

test('what says nothing stays undetermined', () => {
  table([
    ['554 Transaction failed', 'undetermined'],
    ['554 5.0.0 Rejected', 'undetermined'],
    ['550 5.0.0', 'undetermined', 'final'],
    ['550', 'undetermined'],
    ['550 Rejected', 'undetermined', 'final'],
    ['550 5.9.9', 'undetermined', 'final'],
    ['550 5.1.77 something new', 'undetermined'],
    ['521 a.test', 'undetermined'],
    ['599 whatever', 'undetermined'],
  ]);
});

test('a word inside an address or a host name decides nothing', () => {
  table([
    ['550 5.1.1 <spam@policy.test>: User unknown', 'hard'],
    ['550 5.1.1 blacklist-admin@spamhaus.test does not exist', 'hard'],
    ['550 5.1.1 mx.spam.a.test says: no such user', 'hard'],
    ['550 5.1.1 mx1.antispamgate.test: unknown user', 'hard'],
  ]);
});

test('the rule that decided is named', () => {
  assert.equal(read('550 5.1.1 gone').rule, 'enhanced.5.1.1');
  assert.equal(read('550 5.1.1 listed in an RBL').rule, 'text.listed');
  assert.equal(read('550 5.7.99').rule, 'subject.5.7');
  assert.equal(read('551').rule, 'basic.551');
  assert.equal(read('554 no', 'ehlo').rule, 'phase.ehlo');
});

const phases: BouncePhase[] = ['greeting', 'ehlo', 'tls', 'auth', 'mail', 'rcpt', 'data', 'final', 'report'];
const words = fc
  .array(
    fc.constantFrom(
      'user',
      'unknown',
      'mailbox',
      'does not exist',
      'rejected',
      'spam',
      'blocked',
      'your IP',
      '5.1.1',
      'policy',
      'é',
      '<x@a.test>',
      '\n',
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(' '));

test('nothing temporary is ever hard, nor anything said before the recipient was named', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 400, max: 599 }),
      fc.constantFrom(null, ...details),
      words,
      fc.constantFrom(...phases),
      (code, detail, text, phase) => {
        const enhanced = detail === null ? null : `${String(code).charAt(0)}.${detail}`;
        const found = classify({ code, enhanced, text }, phase);
        const mayBeHard = code >= 500 && ['rcpt', 'data', 'final', 'report'].includes(phase);
        if (!mayBeHard) assert.notEqual(found.class, 'hard');
      },
    ),
    { numRuns: 2000 },
  );
});

test('words of spam, block lists, rates and authentication outvote every code', () => {
  const loud = [
    'this is spam',
    'your IP is on our block list',
    'rate limited',
    'SPF failed',
    'DMARC failed',
    'sender address rejected',
    'low reputation',
  ];
  for (const text of loud) {
    for (const detail of details) {
      for (const phase of ['rcpt', 'final'] as const) {
        assert.notEqual(
          classify({ code: 550, enhanced: `5.${detail}`, text: `x: ${text}` }, phase).class,
          'hard',
        );
      }
    }
  }
});

test('a reply of any length and kind is judged quickly', () => {
  const started = process.cpuUsage();
  for (const unit of ['a', ' ', 'user ', '<', '@', 'a.', 'mailbox quota ', 'tls must ', 'ip address ']) {
    classify({ code: 550, enhanced: null, text: unit.repeat(100_000 / unit.length) }, 'rcpt');
  }
  assert.ok(process.cpuUsage(started).user < 5_000_000);
});

test('a reply that refuses nothing is not ours to judge', () => {
  assert.throws(() => read('250 2.1.5 ok'), /only refusals/);
});
