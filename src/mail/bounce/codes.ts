/**
 * What a reply code alone says, as data: RFC 3463 and the registry of enhanced codes that RFC 5248 began, plus the
 * numbers beyond it that large providers use (Microsoft's three-digit details, Gmail's x.7.2x and x.7.3x).
 */
/**
 * `hard`: the address is no good. `soft`: the mailbox or its system is in trouble. `block`: we, or our source, are not
 * wanted. `policy`: this mail breaks a rule of the receiver. `admin`: our own set-up or sender is wrong.
 */
export type BounceClass = 'hard' | 'soft' | 'block' | 'policy' | 'admin' | 'undetermined';

/**
 * Codes that name their reason so exactly that the words beside them add nothing, temporary or permanent: senders
 * (RFC 3463), authentication (RFC 7372, RFC 8617, Gmail), rates and levels (Microsoft). None is about a recipient.
 */
export const telling: Readonly<Record<string, BounceClass>> = {
  '1.7': 'admin',
  '1.8': 'admin',
  '7.20': 'policy',
  '7.21': 'policy',
  '7.22': 'policy',
  '7.23': 'policy',
  '7.24': 'policy',
  '7.25': 'policy',
  '7.26': 'policy',
  '7.27': 'policy',
  '7.28': 'block',
  '7.29': 'policy',
  '7.30': 'policy',
  '7.32': 'policy',
  '7.500': 'block',
  '7.509': 'policy',
  '7.515': 'policy',
  '7.650': 'block',
  '7.651': 'block',
};

/** By `subject.detail` of the enhanced code; the class of a permanent reply. Temporary ones are soft. */
export const byDetail: Readonly<Record<string, BounceClass>> = {
  // Addresses.
  '1.0': 'hard',
  '1.1': 'hard',
  '1.2': 'hard',
  '1.3': 'hard',
  '1.4': 'hard',
  '1.6': 'hard',
  '1.9': 'undetermined',
  // Null MX (RFC 7505); Exchange says it of recipients that it does not have.
  '1.10': 'hard',
  '1.20': 'admin',
  '1.90': 'block',
  '1.351': 'hard',
  // Mailboxes.
  '2.0': 'undetermined',
  '2.1': 'hard',
  '2.2': 'soft',
  '2.3': 'soft',
  '2.4': 'soft',
  '2.121': 'soft',
  '2.122': 'soft',
  // Mail systems, all temporary in nature.
  '3.0': 'soft',
  '3.1': 'soft',
  '3.2': 'soft',
  '3.3': 'soft',
  '3.4': 'soft',
  '3.5': 'admin',
  // Network and routing.
  '4.0': 'undetermined',
  '4.1': 'soft',
  '4.2': 'soft',
  '4.3': 'soft',
  '4.4': 'hard',
  '4.5': 'soft',
  '4.6': 'admin',
  '4.7': 'soft',
  '4.14': 'soft',
  '4.300': 'soft',
  '4.310': 'hard',
  '4.312': 'soft',
  '4.316': 'soft',
  // Protocol: our own mistakes, but for the count of recipients.
  '5.0': 'undetermined',
  '5.1': 'admin',
  '5.2': 'admin',
  '5.3': 'soft',
  '5.4': 'admin',
  '5.5': 'admin',
  '5.6': 'admin',
  // Security. What is not here is a block.
  '7.2': 'policy',
  '7.3': 'policy',
  '7.4': 'policy',
  '7.5': 'policy',
  '7.6': 'policy',
  '7.7': 'policy',
  '7.8': 'admin',
  '7.9': 'admin',
  '7.10': 'policy',
  '7.11': 'admin',
  '7.12': 'admin',
  '7.13': 'admin',
  '7.14': 'admin',
  '7.15': 'soft',
  '7.16': 'soft',
  // The mailbox or domain belongs to someone else now (RFC 7293): not this person, but a working address.
  '7.17': 'policy',
  '7.18': 'policy',
  '7.19': 'soft',
  '7.57': 'admin',
  '7.64': 'admin',
  '7.124': 'policy',
  '7.129': 'policy',
  '7.133': 'policy',
  '7.134': 'policy',
  '7.135': 'policy',
  '7.136': 'policy',
};

/** By subject, where the detail is not in the table. An unknown detail of an address is no proof against it. */
export const bySubject: Readonly<Record<string, BounceClass>> = {
  '1': 'undetermined',
  '2': 'soft',
  '3': 'soft',
  '4': 'soft',
  '5': 'admin',
  '6': 'policy',
  '7': 'block',
};

/**
 * By basic code when there is no enhanced one (RFC 5321 4.2.3, RFC 7504), for replies that concern a recipient. A bare 550
 * or 553 is too often a block to say that the address is bad: it ends the message and suppresses nothing.
 */
export const byBasic: Readonly<Record<number, BounceClass>> = {
  500: 'admin',
  501: 'admin',
  502: 'admin',
  503: 'admin',
  504: 'admin',
  521: 'undetermined',
  530: 'admin',
  534: 'admin',
  535: 'admin',
  538: 'admin',
  550: 'undetermined',
  551: 'hard',
  552: 'soft',
  553: 'undetermined',
  554: 'undetermined',
  555: 'admin',
  556: 'hard',
};

/** Permanent enhanced codes that servers give for want of a better one: words say more than they do. */
export const vague: ReadonlySet<string> = new Set(['0.0', '2.0', '3.0', '4.0', '5.0', '5.1', '7.0', '7.1']);
