import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { fields, Instant, line, record, tenantIdPattern, text, word } from '../../base/route.ts';
import type { Keyring } from '../../base/seal.ts';
import { kinds as suppressionKinds } from '../suppressions/index.ts';
import { contentFields, Labels } from '../templates/index.ts';

export type BundleWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly ring: Keyring;
  readonly mailDomain: string;
};

/** Raised when a reader of the version before could not understand a bundle. */
export const bundleVersion = 3;

const Vault = fields({ salt: word(64), proof: word(200) });
export const Header = fields({
  lettershop: Type.Literal('subaccount'),
  version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  exportedAt: Instant,
  /** Master key and account, as a mac: hashes of erased addresses mean something in the same place only. */
  origin: word(64, { pattern: '^[0-9a-f]{64}$' }),
  /** Salt of the passphrase that secrets are sealed under; null: no secrets in it. */
  vault: Type.Union([Vault, Type.Null()]),
});
export type Header = Static<typeof Header>;

/** The last line: a bundle without it was cut off. */
export const Trailer = fields({
  end: Type.Literal(true),
  rows: Type.Integer({ minimum: 0, maximum: 1e12 }),
  sha256: word(64, { pattern: '^[0-9a-f]{64}$', description: 'of all lines before, line ends included' }),
});
export type Trailer = Static<typeof Trailer>;

const sealed = word(20_000, { pattern: '^[A-Za-z0-9+/=]+$' });
const Limit = Type.Union([Type.Integer({ minimum: 0, maximum: 1e12 }), Type.Null()]);
const MaybeWord = Type.Union([word(255), Type.Null()]);

/** What a line of each section may say. Closed: nothing else is read, so no id of an account or a tenant can come in. */
export const rowSchemas = {
  subaccount: fields({
    name: word(200),
    externalId: MaybeWord,
    notes: text(10_000),
    trial: Type.Boolean(),
    stop: Type.Union([Type.Enum(['paused', 'suspended', 'terminated', 'deactivated']), Type.Null()]),
    profile: Type.Unsafe<Readonly<Record<string, string>>>({
      type: 'object',
      maxProperties: 20,
      propertyNames: line(40),
      additionalProperties: line(254),
    }),
    pool: Type.Union([word(64), Type.Null()]),
  }),
  quota: fields({ hour: Limit, day: Limit, month: Limit, automatic: Type.Boolean() }),
  domain: fields({
    name: word(253),
    keys: Type.Array(
      fields({
        selector: word(63, { pattern: '^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$' }),
        algorithm: Type.Enum(['rsa-sha256', 'ed25519-sha256']),
        state: Type.Enum(['signing', 'reserve', 'retired']),
        record: word(2000),
        sealedPrivateKey: sealed,
      }),
      { maxItems: 20, description: 'none without secrets: new ones are made where it arrives' },
    ),
  }),
  key: fields({
    kind: Type.Enum(['api', 'smtp']),
    name: word(200),
    grants: Type.Array(word(64), { maxItems: 64 }),
    domainLimit: Type.Union([word(253), Type.Null()]),
    allowedAddresses: Type.Array(word(64), { maxItems: 100 }),
    status: Type.Enum(['active', 'inactive']),
    expiresAt: Type.Union([Instant, Type.Null()]),
    hashed: Type.Union([
      fields({ publicId: word(64, { pattern: '^[A-Za-z0-9_-]+$' }), sealedSecretHash: sealed }),
      Type.Null(),
    ]),
  }),
  suppression: fields({
    address: word(330),
    kind: Type.Enum([...suppressionKinds]),
    source: word(64),
    reason: text(1000),
    sender: text(320),
    list: text(200),
    onlyList: Type.Optional(text(200)),
    onlySender: Type.Optional(text(320)),
    lastEventAt: Type.Optional(Instant),
    renewals: Type.Optional(Type.Integer({ minimum: 0, maximum: 14 })),
    stopsTransactional: Type.Boolean(),
    stopsBulk: Type.Boolean(),
    expiresAt: Type.Union([Instant, Type.Null()]),
    createdAt: Instant,
  }),
  template: fields({
    kind: Type.Enum(['template', 'snippet']),
    slug: word(100, { pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$' }),
    name: word(200),
    labels: Type.Optional(Labels),
    category: Type.Optional(line(100, { description: 'before version 3: what is its label now' })),
    description: Type.Optional(text(1024)),
    versions: Type.Array(fields({ ...contentFields, isPublished: Type.Boolean() }), {
      minItems: 1,
      maxItems: 2,
      description: 'what is published and the draft, which comes last',
    }),
  }),
  list: fields({
    slug: word(100, { pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$' }),
    name: word(200),
    description: line(1024),
    attributes: record(line(1000), { nameLengthMax: 128, entriesMax: 100 }),
  }),
  recipient: fields({
    list: word(100, { description: 'the slug of a list before it' }),
    address: word(320),
    name: line(256),
    data: record(Type.Unknown(), { nameLengthMax: 128, entriesMax: 1000 }),
    metadata: record(Type.Unknown(), { nameLengthMax: 128, entriesMax: 1000 }),
    tags: Type.Array(word(128), { maxItems: 10 }),
  }),
} as const;

export type Section = keyof typeof rowSchemas;
export type Row<S extends Section> = Static<(typeof rowSchemas)[S]>;

/** In this order, so that what others refer to comes first. */
export const sections = Object.keys(rowSchemas) as readonly Section[];

/** A line with its number, counted from one. */
export type Lined<T> = { readonly line: number; readonly row: T };

export type Note = { readonly line: number; readonly field: string; readonly message: string };

export type ImportReport = {
  readonly subaccountId: number;
  readonly rows: Readonly<Record<Section, number>>;
  /** Keys that came without their secret: new ones, shown this once. */
  readonly keys: readonly { readonly name: string; readonly publicId: string; readonly secret: string }[];
  /** What arrived otherwise than it left. */
  readonly notes: readonly Note[];
};

export const IdReference = word(264, { pattern: `^(${tenantIdPattern}|external:.{1,255})$` });
