/** From what is known of a waiting message to reasons that a person understands: pure. */
import type { HoldReason, QueueRow } from '../queue/index.ts';
import type { MailStop } from '../subaccounts/index.ts';
import type { Suspension } from '../suspensions/index.ts';

export type Owner =
  | 'caller'
  | 'subaccount'
  | 'parent'
  | 'account'
  | 'operator'
  | 'recipient'
  | 'system'
  | 'nobody';

export type Reason = {
  readonly code: string;
  /** Whose limit or rule it is. */
  readonly owner: Owner;
  readonly text: string;
  readonly movesAt: string | null;
};

/** How a site is met now, from the source addresses that the message may leave from. */
export type SiteMood = {
  readonly site: string;
  readonly reason: string;
  readonly level: number;
  readonly since: number;
  readonly until: number | null;
  readonly messagesPerSecond: number | null;
};

export type Circumstances = {
  readonly stop: MailStop | null;
  /** The one that holds it, or would if it came by now. */
  readonly suspension: Suspension | null;
  readonly moods: readonly SiteMood[];
  /** Its pool's addresses have sent today what their plans allow, until then. */
  readonly warmupUntil: number | null;
  readonly now: number;
};

const holdTexts: Record<HoldReason, readonly [Owner, string]> = {
  scheduled: ['caller', 'It is scheduled for later.'],
  paused: ['parent', 'Its subaccount is paused.'],
  quota: ['parent', 'The quota is used up; it leaves when the window turns.'],
  review: ['system', 'It is held for review.'],
  suspended: ['parent', 'It was suspended; it leaves in a moment, the suspension is over.'],
  manual: ['parent', 'It was held by hand; it expires unless it is released.'],
};

/** Every reason that holds, the strongest first. */
export function reasonsFor(row: QueueRow, circumstances: Circumstances): readonly Reason[] {
  const { stop, suspension, moods, warmupUntil, now } = circumstances;
  const reasons: Reason[] = [];
  if (stop !== null) reasons.push(stopReason(stop));
  if (suspension !== null) reasons.push(suspensionReason(suspension));
  if (row.hold !== null && !(row.hold === 'suspended' && suspension !== null)) reasons.push(holdReason(row));
  if (row.leasedBy !== null) {
    const text = `Node ${row.leasedBy} has it in hand and sends it as soon as its site takes it.`;
    reasons.push({ code: 'leased', owner: 'system', text, movesAt: null });
  }
  if (row.hold === null && warmupUntil !== null && row.attempts === 0) {
    const text =
      'The source addresses of its pool are warming up and have sent what their plan allows today.';
    reasons.push({ code: 'warmup', owner: 'account', text, movesAt: new Date(warmupUntil).toISOString() });
  }
  if (row.hold === null) reasons.push(...moods.flatMap((mood) => moodReason(mood, now)));
  if (row.hold === null && row.leasedBy === null && row.dueAt.getTime() > now) reasons.push(laterReason(row));
  if (reasons.length === 0)
    reasons.push({ code: 'turn', owner: 'system', text: 'It is due and waits for its turn.', movesAt: null });
  return reasons;
}

export function stopReason({ authority, status }: MailStop): Reason {
  const text = `The ${authority === 'account' ? 'account' : 'subaccount'} is ${status}.`;
  return { code: 'status', owner: authority, text, movesAt: null };
}

export function suspensionReason({ authority, kind, value, reason, setBy, until }: Suspension): Reason {
  const what = { site: 'to the site', domain: 'to', pool: 'from the pool', tag: 'with the tag' }[kind];
  const why = reason === '' ? '' : ` (${reason})`;
  const text = `Mail ${what} ${value} is suspended by the ${authority}, ${setBy}${why}.`;
  return { code: 'suspended', owner: authority, text, movesAt: until?.toISOString() ?? null };
}

function holdReason(row: QueueRow): Reason {
  const hold = row.hold ?? 'review';
  const [owner, text] = holdTexts[hold];
  const isOwn = hold === 'manual' && row.heldBy === '-2';
  return {
    code: hold,
    owner: isOwn ? 'subaccount' : owner,
    text,
    movesAt: row.holdUntil?.toISOString() ?? null,
  };
}

/** The last attempt ended before a word of the mail: no host met the policy, or the wish, of transport security. */
export function policyReason(row: QueueRow, told: unknown): readonly Reason[] {
  const { policy, phase, error, reply } = (told ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof policy !== 'string') return [];
  if (policy.endsWith('REQUIRETLS') && typeof error === 'string') {
    const text = `It was sent with REQUIRETLS: ${error}.`;
    return [{ code: 'require_tls', owner: 'caller', text, movesAt: row.dueAt.toISOString() }];
  }
  if (phase !== 'tls' && phase !== 'route') return [];
  const said =
    typeof error === 'string' ? error : ((reply as { text?: string } | undefined)?.text ?? 'no TLS');
  const text = `Its recipient's domain demands transport security (${policy}), and its mail host does not meet it: ${said}.`;
  return [{ code: 'transport_policy', owner: 'recipient', text, movesAt: row.dueAt.toISOString() }];
}

const moodTexts: Record<string, string> = {
  busy: 'said that it is too busy',
  storm: 'put off most of what it was sent',
  block: 'refuses the source address',
  unreachable: 'could not be reached',
};

export function moodReason(mood: SiteMood, now: number): Reason[] {
  const said = moodTexts[mood.reason];
  if (said === undefined) return [];
  const since = new Date(mood.since).toISOString();
  if (mood.until !== null && mood.until > now) {
    const text = `The site ${mood.site} ${said} (since ${since}); it is probed again later.`;
    return [
      { code: 'site_backs_off', owner: 'recipient', text, movesAt: new Date(mood.until).toISOString() },
    ];
  }
  const pace =
    mood.messagesPerSecond === null ? '' : `, ${mood.messagesPerSecond.toFixed(1)} messages a second`;
  const text = `The site ${mood.site} ${said} (since ${since}); it gets 1/${2 ** mood.level} of its pace${pace}.`;
  return [{ code: 'site_slowed', owner: 'recipient', text, movesAt: null }];
}

function laterReason(row: QueueRow): Reason {
  const movesAt = row.dueAt.toISOString();
  if (row.attempts > 0) {
    const text = `Attempt ${row.attempts} failed for now; the next one is set.`;
    return { code: 'retry', owner: 'recipient', text, movesAt };
  }
  const site = row.lastSite === null ? 'its site' : `the site ${row.lastSite}`;
  const text = `There is more mail for ${site} than its pace allows; its place in line is set.`;
  return { code: 'site_pace', owner: 'recipient', text, movesAt };
}
