/** Figures by the text of an answer, by link, attempt and subject (contract, section 11). */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller } from './caller.ts';
import { internal } from './event-words.ts';
import type { Fields } from './fields.ts';
import type { NativeFigures } from './metric-words.ts';
import { failed, policed } from './metric-words.ts';

/** Of figures by one dimension, or by two. */
export type Row = {
  readonly value: string | null;
  readonly isOther: boolean;
  readonly and: { readonly value: string | null; readonly isOther: boolean } | null;
  readonly figures: NativeFigures;
};
export type Read = (caller: SparkpostCaller, call: Call, more: Fields) => Promise<readonly Row[]>;

/** Path below `deliverability`, what figures are asked by, and the rows that each of them becomes. */
type Table = {
  readonly path: string;
  readonly by: 'reason' | 'link' | 'attempt';
  readonly byDomain: boolean;
  readonly print: (row: Row) => readonly Fields[];
  /** Which come first. */
  readonly order: string;
};

const reasonTables = [
  ['bounce-reason', 'count_bounce', bounces],
  ['rejection-reason', 'count_rejected', rejections],
  ['delay-reason', 'count_delayed', delays],
] as const;

export const tables: readonly Table[] = [
  ...reasonTables.flatMap(([path, order, print]) => [
    { path, by: 'reason', byDomain: false, print, order } as const,
    { path: `${path}/domain`, by: 'reason', byDomain: true, print, order } as const,
  ]),
  { path: 'link-name', by: 'link', byDomain: false, print: links, order: 'count_clicked' },
  { path: 'attempt', by: 'attempt', byDomain: false, print: attempts, order: 'count_delivered' },
];

export async function tabled(
  { by, byDomain, print, order }: Table,
  read: Read,
  caller: SparkpostCaller,
  call: Call,
): Promise<Answer> {
  const rows = await read(caller, call, { by, ...(byDomain ? { and: 'recipientDomain' } : {}) });
  const results = rows
    .flatMap((row) => print(row).map((each) => ({ ...each, ...(byDomain ? { domain: domainOf(row) } : {}) })))
    .toSorted((a: Fields, b: Fields) => Number(b[order]) - Number(a[order]));
  return { status: 200, body: { results } };
}

const domainOf = ({ and }: Row): string => (and?.isOther === true ? 'Other' : (and?.value ?? ''));

const nameOf = ({ value, isOther }: Row, none: string): string => (isOther ? 'Other' : (value ?? none));

/** Ours, and SparkPost's number, name, and number and name of the category. */
export const classes = {
  hard: ['10', 'Invalid Recipient', 1, 'Hard'],
  soft: ['20', 'Soft Bounce', 2, 'Soft'],
  expired: ['24', 'Timeout', 2, 'Soft'],
  block: ['50', 'Mail Block', 3, 'Block'],
  policy: ['50', 'Mail Block', 3, 'Block'],
  admin: ['25', 'Admin Failure', 4, 'Admin'],
  undetermined: ['1', 'Undetermined', 5, 'Undetermined'],
} as const;
type Class = keyof typeof classes;

export function classWords(name: Class): Fields {
  const [id, words, category, categoryName] = classes[name];
  return {
    bounce_class_name: words,
    bounce_class_description: words,
    bounce_category_id: category,
    bounce_category_name: categoryName,
    classification_id: id,
  };
}

/** A row for each class; what never left has the reason that its event says. */
function bounces(row: Row): readonly Fields[] {
  const { bounced, bouncedLaterBy, rejected } = row.figures;
  const counted = (reason: string, name: Class, inBand: number, later: number): readonly Fields[] =>
    inBand + later === 0
      ? []
      : [
          {
            reason,
            ...classWords(name),
            count_bounce: inBand + later,
            count_inband_bounce: inBand,
            count_outofband_bounce: later,
          },
        ];
  const reason = nameOf(row, '');
  const answered = (Object.keys(classes) as Class[]).flatMap((name) => {
    const inBand = name === 'expired' ? (rejected['expired'] ?? 0) : (bounced[name] ?? 0);
    return counted(reason, name, inBand, bouncedLaterBy[name] ?? 0);
  });
  const suppressed = Object.entries(rejected).reduce(
    (sum, [name, n]) => (name.startsWith('suppressed:') ? sum + n : sum),
    0,
  );
  const own = [
    ['message.suppressed', suppressed],
    ['message.cancelled', rejected['cancelled'] ?? 0],
    ['message.dropped', rejected['dropped'] ?? 0],
  ] as const;
  return [
    ...answered,
    ...own.flatMap(([kind, n]) => counted(internal[kind]?.[1] ?? '', 'admin', n, 0)),
    ...counted(reason, 'undetermined', rejected['undetermined'] ?? 0, 0),
  ];
}

function rejectionOf(reason: string, n: number, category: number, type: string): readonly Fields[] {
  return n === 0
    ? []
    : [{ reason, count_rejected: n, rejection_category_id: category, rejection_type: type }];
}

function rejections(row: Row): readonly Fields[] {
  return [
    ...rejectionOf(nameOf(row, ''), failed(row.figures), 2, 'Generation Failure'),
    ...rejectionOf(internal['message.rejected']?.[1] ?? '', policed(row.figures), 1, 'Policy Rejection'),
  ];
}

function delays(row: Row): readonly Fields[] {
  const { deferred, delayed } = row.figures;
  const count = Object.values(deferred).reduce((sum, n) => sum + n, 0);
  return count === 0 ? [] : [{ reason: nameOf(row, ''), count_delayed: count, count_delayed_first: delayed }];
}

/** Raw ones are those of machines, too. */
function links(row: Row): readonly Fields[] {
  const { clicked, clickedByMachines } = row.figures;
  const raw = clicked + clickedByMachines;
  return raw === 0
    ? []
    : [{ link_name: nameOf(row, 'Raw URL'), count_clicked: clicked, count_raw_clicked: raw }];
}

function attempts(row: Row): readonly Fields[] {
  const { delivered } = row.figures;
  return row.value === null || delivered === 0 ? [] : [{ attempt: row.value, count_delivered: delivered }];
}
