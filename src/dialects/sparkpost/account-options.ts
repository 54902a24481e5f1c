/**
 * Options of the account (contract, section 4) as words of the native defaults, both ways: pure. SparkPost says whether mail by a
 * door is tracked at all, and `click_tracking` and `initial_open_pixel_tracking` take their kind away from both doors; natively
 * each kind is said of all mail, and again of mail by SMTP. A kind that is off for both is said of all mail only, so that it
 * stays known while no door is tracked.
 */
import { read } from './fields.ts';
import type { Fields } from './fields.ts';

type Words = Readonly<Record<'opens' | 'initialOpens' | 'clicks' | 'textClicks', boolean | null>>;

/** `own` of the native defaults. */
export type AccountWords = Words & {
  readonly smtp: Words;
  readonly transactionalUnsubscribe: boolean | null;
  readonly lane: 'transactional' | 'bulk' | null;
};

const names = [
  'smtp_tracking_default',
  'rest_tracking_default',
  'transactional_unsub',
  'transactional_default',
  'initial_open_pixel_tracking',
  'click_tracking',
] as const;

export type AccountOptions = Readonly<Record<(typeof names)[number], boolean>>;

/** Where the account says nothing: mail by REST is tracked, mail by SMTP is not, and neither is transactional. */
export function optionsOf(own: AccountWords): AccountOptions {
  const rest = own.opens ?? true;
  const smtp = own.smtp.opens ?? own.opens ?? false;
  const isKindOn = (kind: 'initialOpens' | 'clicks'): boolean => {
    if (!rest && !smtp) return own[kind] !== false || own.smtp[kind] !== null;
    return (rest && (own[kind] ?? true)) || (smtp && (own.smtp[kind] ?? own[kind] ?? false));
  };
  return {
    smtp_tracking_default: smtp,
    rest_tracking_default: rest,
    transactional_unsub: own.transactionalUnsubscribe ?? false,
    transactional_default: own.lane === 'transactional',
    initial_open_pixel_tracking: isKindOn('initialOpens'),
    click_tracking: isKindOn('clicks'),
  };
}

/** Those that a call names. */
export function givenOptions(fields: Fields): Partial<AccountOptions> {
  const given = names.flatMap((name) => {
    const value = read(fields, name, 'bool', `options.${name}`);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

/** The words that make the options so; null when they are so already. What is not changed keeps its words. */
export function withOptions(own: AccountWords, given: Partial<AccountOptions>): AccountWords | null {
  const before = optionsOf(own);
  const wanted = { ...before, ...given };
  const isChanged = (...some: readonly (keyof AccountOptions)[]): boolean =>
    some.some((name) => wanted[name] !== before[name]);
  if (!isChanged(...names)) return null;
  const isTracking = isChanged(
    'smtp_tracking_default',
    'rest_tracking_default',
    'initial_open_pixel_tracking',
    'click_tracking',
  );
  return {
    ...own,
    ...(isTracking ? trackingOf(own, wanted) : {}),
    ...(isChanged('transactional_unsub') ? { transactionalUnsubscribe: wanted.transactional_unsub } : {}),
    // Off is what this door has where nobody says a lane; mail by others keeps theirs.
    ...(isChanged('transactional_default')
      ? { lane: wanted.transactional_default ? ('transactional' as const) : null }
      : {}),
  };
}

/** Words that are right already, and the silence that comes to the same, are left as they are. */
function trackingOf(own: AccountWords, wanted: AccountOptions): Words & Pick<AccountWords, 'smtp'> {
  const { rest_tracking_default: rest, smtp_tracking_default: smtp } = wanted;
  const opens = (own.opens ?? true) === rest ? own.opens : rest;
  const [initialOpens, initialBySmtp] = kindOf(
    own,
    'initialOpens',
    wanted.initial_open_pixel_tracking,
    wanted,
  );
  const [clicks, clicksBySmtp] = kindOf(own, 'clicks', wanted.click_tracking, wanted);
  const isOffBySmtp = clicksBySmtp === false || (clicksBySmtp === null && clicks === false);
  return {
    opens,
    initialOpens,
    clicks,
    textClicks: clicks === false ? null : own.textClicks,
    smtp: {
      opens: (own.smtp.opens ?? opens ?? false) === smtp ? own.smtp.opens : smtp,
      initialOpens: initialBySmtp,
      clicks: clicksBySmtp,
      textClicks: isOffBySmtp ? null : own.smtp.textClicks,
    },
  };
}

/** What is said of a kind, of all mail and of mail by SMTP. */
function kindOf(
  own: AccountWords,
  kind: 'initialOpens' | 'clicks',
  isOn: boolean,
  { rest_tracking_default: rest, smtp_tracking_default: smtp }: AccountOptions,
): readonly [all: boolean | null, bySmtp: boolean | null] {
  if (!isOn) return [false, null];
  if (!rest) return [false, smtp];
  const all = own[kind] === false ? true : own[kind];
  return [all, (own.smtp[kind] ?? all ?? false) === smtp ? own.smtp[kind] : smtp];
}
