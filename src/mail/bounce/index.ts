/**
 * What a refusal means: bounce classes as data. Only `hard` says that the address itself is bad, and only it suppresses.
 * Enhanced codes (RFC 3463, IANA registry) decide, texts of well-known receivers override, the basic code is the last.
 */
import type { Reply } from '../reply.ts';

export type BounceClass = 'hard' | 'soft' | 'block' | 'policy' | 'admin' | 'undetermined';

export type Bounce = { readonly class: BounceClass; readonly rule: string };

/** Texts first: receivers put blocks under codes that elsewhere mean a bad address. Matched on the lower-case text. */
const texts: readonly (readonly [RegExp, BounceClass, string])[] = [
  [
    /block ?list|blacklist|denylist|listed (?:in|on|at)|dnsbl|rbl|spamhaus|barracuda|sorbs|spamcop/,
    'block',
    'listed',
  ],
  [
    /poor reputation|low reputation|reputation of (?:your|the)|bad reputation|sending ip.*(?:block|reject)/,
    'block',
    'reputation',
  ],
  [
    /(?:too many|rate limit|rate.?limited|throttl|exceed.*(?:rate|limit|connections)|unusual rate|slow down)/,
    'block',
    'rate',
  ],
  [
    /unsolicited|spam|junk mail|content (?:rejected|not accepted)|message (?:looks|appears) like/,
    'block',
    'spam',
  ],
  [
    /dmarc|spf|dkim|unauthenticated|not authenticated|authentication (?:checks|required|failed)|ptr record|reverse dns|helo/,
    'policy',
    'authentication',
  ],
  [
    /relay(?:ing)? (?:access )?(?:denied|not (?:allowed|permitted))|not permitted to relay/,
    'policy',
    'relay',
  ],
  [/grey ?list|gray ?list/, 'soft', 'greylisted'],
  [
    /mailbox (?:is )?full|over ?quota|quota exceeded|insufficient (?:system )?storage|out of storage/,
    'soft',
    'full',
  ],
  [/(?:message|mail) (?:is )?too (?:large|big)|size (?:limit|exceed)|exceeds.*size/, 'policy', 'size'],
  [
    /user unknown|unknown user|no such (?:user|mailbox|recipient|person)|does(?: not|n't) exist|not a valid (?:mailbox|recipient)|mailbox (?:not found|unavailable|does)|recipient (?:not found|unknown|address rejected: user)|invalid (?:recipient|mailbox)|unknown (?:recipient|mailbox|address|local)|no mailbox (?:here|by)/,
    'hard',
    'no mailbox',
  ],
  [
    /account (?:is )?(?:disabled|inactive|suspended|closed)|mailbox (?:is )?disabled|no longer (?:valid|available|active)/,
    'hard',
    'disabled',
  ],
];

/** Longest match wins: class.subject.detail, then class.subject, on the code without its first figure. */
const enhanced: Readonly<Record<string, BounceClass>> = {
  '1': 'hard',
  '1.0': 'undetermined',
  '1.5': 'undetermined',
  '1.7': 'admin',
  '1.8': 'admin',
  '1.9': 'policy',
  '2': 'undetermined',
  '2.0': 'undetermined',
  '2.1': 'hard',
  '2.2': 'soft',
  '2.3': 'policy',
  '2.4': 'soft',
  '3': 'soft',
  '3.4': 'policy',
  '3.5': 'admin',
  '4': 'soft',
  '4.3': 'soft',
  '4.4': 'hard',
  '4.6': 'admin',
  '5': 'admin',
  '5.3': 'soft',
  '6': 'policy',
  '7': 'policy',
  '7.1': 'policy',
  '7.28': 'block',
  '7.350': 'block',
  '7.511': 'block',
  '7.606': 'block',
  '7.700': 'block',
};

const basic: Readonly<Record<number, BounceClass>> = {
  421: 'soft',
  450: 'soft',
  451: 'soft',
  452: 'soft',
  550: 'undetermined',
  551: 'hard',
  552: 'soft',
  553: 'undetermined',
  554: 'undetermined',
  556: 'hard',
};

/** Classifies a 4yz or 5yz. A temporary refusal is never hard; neither is one before RCPT, which speaks of us. */
export function classify(reply: Reply, phase: string): Bounce {
  const found = byText(reply) ?? byEnhanced(reply) ?? byBasic(reply);
  if (found.class !== 'hard') return found;
  if (reply.code < 500) return { class: 'soft', rule: `${found.rule}, for now` };
  const isAboutRecipient = phase === 'rcpt' || phase === 'data' || phase === 'final' || phase === 'route';
  return isAboutRecipient ? found : { class: 'admin', rule: `${found.rule}, before RCPT` };
}

function byText({ text, enhanced: code }: Reply): Bounce | null {
  const lower = text.toLowerCase();
  for (const [pattern, bounceClass, rule] of texts) {
    if (!pattern.test(lower)) continue;
    // A precise code beats the words "does not exist" and the like in a text about something else.
    const isPrecise = code !== null && /^[245]\.(?:1\.[1-46]|1\.10|2\.[12])$/.test(code);
    if (bounceClass === 'hard' && code !== null && !isPrecise && !/^[245]\.(?:0|1|2)\./.test(code)) continue;
    if (isPrecise && (rule === 'spam' || rule === 'authentication')) continue;
    return { class: bounceClass, rule: `text: ${rule}` };
  }
  return null;
}

function byEnhanced({ enhanced: code }: Reply): Bounce | null {
  if (code === null) return null;
  const [, subject, detail] = code.split('.');
  const key = `${subject}.${detail}`;
  const found = enhanced[key] ?? enhanced[subject ?? ''];
  return found === undefined ? null : { class: found, rule: `enhanced: x.${key}` };
}

function byBasic({ code }: Reply): Bounce {
  return { class: basic[code] ?? (code < 500 ? 'soft' : 'undetermined'), rule: `code: ${code}` };
}
