/** What a Mandrill account holds, for an import: from its API (contract, 4.2 and 4.6 to 4.8) or its exported files. */
import type { Place, Thing } from '../../features/moving/index.ts';
import { noDefaults } from '../../features/templates/index.ts';
import { parseAddress, parseDomainName, parseMailbox } from '../../mail/address.ts';
import {
  instantText,
  isExternalId,
  isRow,
  isYes,
  left,
  lineOf,
  neverCarried,
  noted,
  rowsOf,
  stream,
  textOf,
} from '../shared/moving.ts';
import type { ExportedRows, Row } from '../shared/moving.ts';
import type { Source } from '../shared/source.ts';
import { slugOf } from './templates.ts';

/** Lists have no pages there: one that is as long as this was cut. */
const listMax = 1000;

/** Texts of answers that were 500 for years and do not pass (contract, section 2). */
export const finalFaults = /"name"\s*:\s*"(?:Invalid_Key|ValidationError|Unknown_\w+|PaymentRequired)"/;

const never = neverCarried([
  ['API keys', 'Mandrill tells no secret: make new keys here'],
  [
    'webhooks',
    'they would tell their receivers everything twice while both run: add them here when you switch',
  ],
  ['tracking domains', 'their CNAME has to point here: add them here'],
  ['inbound routes', 'the MX has to point here: add them here'],
  ['tags, senders, metadata', 'come with the first mail'],
]);

export async function* fromMandrill(source: Source, key: string): AsyncGenerator<Thing> {
  const call = async (name: string, body: Row = {}): Promise<unknown> =>
    source.read({ method: 'POST', path: `/api/1.0/${name}.json`, body: { key, ...body } });
  yield* never;
  const subaccounts = await call('subaccounts/list');
  yield* unread(subaccounts, 'subaccounts', null);
  const places: string[] = [];
  for (const row of rowsOf(subaccounts)) {
    const id = textOf(row, 'id');
    places.push(id);
    const info = await call('subaccounts/info', { id });
    yield* subaccountOf(isRow(info) ? { ...row, notes: info['notes'] } : row);
  }
  const domains = await call('senders/domains');
  yield* unread(domains, 'domains', null);
  for (const row of rowsOf(domains)) yield* domainOf(row);
  const templates = await call('templates/list');
  yield* unread(templates, 'templates', null);
  for (const row of rowsOf(templates)) yield* templateOf(row);
  for (const place of [null, ...places.filter((id) => id !== '')]) {
    const rejects = await call('rejects/list', place === null ? {} : { subaccount: place });
    yield* unread(rejects, 'denylist', place);
    // Without a name it may list all of them: each is then asked for by its own subaccount.
    for (const row of rowsOf(rejects))
      if (placeOf(row) === place || place !== null) yield* rejectOf(row, place);
  }
  const allowed = await call('allowlists/list');
  yield* unread(allowed, 'allowlist', null);
  for (const row of rowsOf(allowed)) yield allowedOf(row);
}

function unread(answer: unknown, kind: string, place: Place): readonly Thing[] {
  if (answer === null) return [left(kind, place, '*', 'the key may not read it')];
  if (!Array.isArray(answer) || answer.length < listMax) return [];
  const why = `Mandrill tells at most ${listMax} by its API: import the file of its export as well`;
  return [left(kind, place, 'the rest', why)];
}

/** Null: the account's own. */
function placeOf(row: Row): Place {
  const id = textOf(row, 'subaccount');
  return id === '' ? null : id;
}

export function mandrillRows({ kind, rows }: ExportedRows): AsyncIterable<Thing> {
  return stream(rows, (row) => {
    switch (kind) {
      case 'subaccounts':
        return subaccountOf(row);
      case 'domains':
        return domainOf(row);
      case 'templates':
        return templateOf(row);
      case 'snippets':
        return [left('snippet', null, textOf(row, 'name'), 'Mandrill has none')];
      case 'suppressions':
        return rejectOf(row, placeOf(row));
      case 'allowlist':
        return [allowedOf(row)];
    }
  });
}

function subaccountOf(row: Row): readonly Thing[] {
  const id = textOf(row, 'id');
  if (!isExternalId(id)) return [left('subaccount', null, id, 'its id cannot be an external id here')];
  const name = lineOf(textOf(row, 'name'), 1024) || id;
  const quota = Number(textOf(row, 'custom_quota'));
  return [
    {
      what: 'subaccount',
      externalId: id,
      name: name.slice(0, 200).toWellFormed(),
      notes: textOf(row, 'notes').replaceAll('\0', '').toWellFormed().slice(0, 10_000),
      stop: textOf(row, 'status') === 'paused' ? 'paused' : null,
      hourMax: Number.isSafeInteger(quota) && quota > 0 ? quota : null,
    },
    ...(name.length > 200 ? [noted('subaccount', id, name, 'its name is cut to 200 characters')] : []),
  ];
}

/** All subaccounts of a Mandrill account use its domains. */
function domainOf(row: Row): readonly Thing[] {
  const text = textOf(row, 'domain');
  const name = parseDomainName(text);
  return name === null
    ? [left('domain', null, text, 'is no domain name')]
    : [{ what: 'domain', place: null, name, isShared: true }];
}

/** Live first, the draft last where it says something else. */
function templateOf(row: Row): readonly Thing[] {
  const name = textOf(row, 'name', 'slug');
  const slug = slugOf(textOf(row, 'slug', 'name'));
  if (slug === '') return [left('template', null, name, 'its name has neither letters nor digits')];
  const draft = contentOf(row, '');
  const isLive = textOf(row, 'published_at') !== '' || textOf(row, 'publish_code', 'publish_text') !== '';
  const live = isLive ? contentOf(row, 'publish_') : null;
  const isSame = live !== null && JSON.stringify(live) === JSON.stringify(draft);
  const versions = [
    ...(live === null ? [] : [{ ...live, isPublished: true }]),
    ...(isSame ? [] : [{ ...draft, isPublished: false }]),
  ];
  const language = versions.at(-1)?.language;
  const moved = {
    kind: 'template',
    slug,
    name: lineOf(name, 200) || slug,
    labels: labelsOf(row['labels']),
    versions,
  } as const;
  return [
    { what: 'template', place: null, moved, isShared: true },
    ...(language === 'handlebars'
      ? [
          noted(
            'template',
            null,
            slug,
            'Mandrill does not tell languages: taken as Handlebars by what it says',
          ),
        ]
      : []),
  ];
}

/** As Mandrill bounds them: ten of a hundred characters. */
function labelsOf(given: unknown): readonly string[] {
  const labels = Array.isArray(given)
    ? given.filter((label) => typeof label === 'string').map((label) => lineOf(label, 100))
    : [];
  return [...new Set(labels.filter((label) => label !== ''))].slice(0, 10);
}

function contentOf(row: Row, prefix: '' | 'publish_') {
  const field = (name: string): string => textOf(row, `${prefix}${name}`);
  const [code, text, subject] = [field('code'), field('text'), lineOf(field('subject'), 998)];
  const email = field('from_email');
  const box = email === '' ? null : parseMailbox(email);
  const senderName = lineOf(field('from_name'), 256);
  const from =
    box === null ? null : { email: box.address.text, ...(senderName === '' ? {} : { name: senderName }) };
  return {
    language: languageOf(code + text + subject),
    subject,
    // A template that says nothing is an empty page.
    html: code === '' && text !== '' ? null : code,
    text: text === '' ? null : text,
    markup: null,
    defaults: { ...noDefaults, from },
  };
}

/** The language is said by each call there, not by the template. */
function languageOf(sources: string): 'handlebars' | 'merge_tags' {
  return sources.includes('{{') && !sources.includes('*|') ? 'handlebars' : 'merge_tags';
}

const kindsByReason: Readonly<
  Record<string, 'hard_bounce' | 'on_hold' | 'complaint' | 'unsubscribe' | 'manual' | undefined>
> = {
  'hard-bounce': 'hard_bounce',
  'soft-bounce': 'on_hold',
  spam: 'complaint',
  unsub: 'unsubscribe',
  custom: 'manual',
};

function rejectOf(row: Row, place: Place): readonly Thing[] {
  const address = textOf(row, 'email');
  const reason = textOf(row, 'reason');
  const kind = kindsByReason[reason];
  if (kind === undefined)
    return [left('suppression', place, address, `"${lineOf(reason, 40)}" is no reason of Mandrill's`)];
  const expiresAt = instantText(textOf(row, 'expires_at'));
  if (isYes(row['expired'])) return [left('suppression', place, address, 'has expired')];
  const createdAt = instantText(textOf(row, 'created_at'));
  const sender = isRow(row['sender']) ? textOf(row['sender'], 'address') : textOf(row, 'sender');
  const onlySender = parseAddress(sender)?.text ?? null;
  const entry = {
    address,
    kind,
    stopsTransactional: true,
    stopsBulk: true,
    reason: lineOf(textOf(row, 'detail'), 1000),
    sender: lineOf(sender, 320),
    ...(onlySender === null ? {} : { onlySender }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
  return [
    { what: 'suppression', place, layer: 'subaccount', entry },
    ...(sender === '' || onlySender !== null
      ? []
      : [noted('suppression', place, address, `stops all senders here, not only ${lineOf(sender, 320)}`)]),
  ];
}

function allowedOf(row: Row): Thing {
  const createdAt = instantText(textOf(row, 'created_at'));
  const entry = {
    address: textOf(row, 'email'),
    kind: 'allow',
    reason: lineOf(textOf(row, 'detail'), 1000),
    ...(createdAt === undefined ? {} : { createdAt }),
  } as const;
  return { what: 'suppression', place: null, layer: 'account', entry };
}
