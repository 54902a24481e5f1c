/**
 * better-auth's adapter to our tables, with what it leaves in clear kept as hashes: session tokens. A token is hashed on
 * its way in and given back as it came, so that better-auth never notices; who reads the table cannot log in. And each store
 * is of one place: sessions and passkeys of another are not in it.
 */
import type { BetterAuthOptions } from 'better-auth';
import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth/adapters';
import { kyselyAdapter } from '@better-auth/kysely-adapter';
import type { Db } from '../../base/database/database.ts';
import { hashSecret } from '../../base/secrets.ts';
import { relyingParty } from './place.ts';
import type { LoginPlace } from './place.ts';

/** SHA-256 in hex: enough for 190 random bits. */
export function hashToken(token: string): string {
  return hashSecret(token).toString('hex');
}

export function loginStore(db: Db, place: LoginPlace): (options: BetterAuthOptions) => DBAdapter {
  const open = kyselyAdapter(db, { type: 'postgres', transaction: true });
  return (options) => {
    const plain = open(options);
    return {
      ...plain,
      ...hashing(plain, place),
      transaction: (run) => plain.transaction((tx) => run({ ...tx, ...hashing(tx, place) })),
    };
  };
}

type Row = Record<string, unknown>;
type Hashing = Pick<
  DBTransactionAdapter,
  'create' | 'findOne' | 'findMany' | 'update' | 'updateMany' | 'delete' | 'deleteMany' | 'consumeOne'
>;

function hashing(plain: DBTransactionAdapter, place: LoginPlace): Hashing {
  const asked = <T extends Call>(call: T, finds: boolean): T => ofPlace(byHash(call, finds), finds, place);
  return {
    create: async (call) => {
      if (call.model === 'passkey')
        return plain.create<never, never>({
          ...call,
          data: { ...call.data, rpId: relyingParty(place) } as never,
        });
      if (call.model !== 'session') return plain.create(call);
      const data = { ...hashed(call.data), host: place.host };
      const row = await plain.create<never, never>({ ...call, data: data as never });
      return { ...(row as object), token: (call.data as Row)['token'] } as never;
    },
    findOne: async (call) => {
      const found = await plain.findOne<never>(asked(call, true));
      return returned(call, found);
    },
    findMany: (call) => plain.findMany<never>(asked(call, true)),
    update: async (call) => {
      const row = await plain.update<never>({ ...asked(call, false), update: changed(call) });
      return returned(call, row);
    },
    updateMany: (call) => plain.updateMany({ ...asked(call, false), update: changed(call) }),
    delete: (call) => plain.delete(asked(call, false)),
    deleteMany: (call) => plain.deleteMany(asked(call, false)),
    consumeOne: async (call) => {
      const row = await plain.consumeOne<never>(asked(call, true));
      return returned(call, row);
    },
  };
}

function hashed(data: Row): Row {
  return typeof data['token'] === 'string' ? { ...data, token: hashToken(data['token']) } : data;
}

function changed({ model, update }: { model: string; update: Row }): Row {
  return model === 'session' ? hashed(update) : update;
}

type Call = { model: string; where?: Where[] | undefined };

const stored = /^[0-9a-f]{64}$/;

/**
 * The same question by hash. What already is a hash (of a session that was listed) may be named to be ended, never to be
 * found: `finds` hashes it once more, and nothing fits.
 */
function byHash<T extends Call>(call: T, finds: boolean): T {
  if (call.model !== 'session' || call.where === undefined) return call;
  const hash = (token: unknown): unknown =>
    typeof token !== 'string' || (!finds && stored.test(token)) ? token : hashToken(token);
  const where = call.where.map((each) =>
    each.field === 'token'
      ? ({ ...each, value: Array.isArray(each.value) ? each.value.map(hash) : hash(each.value) } as Where)
      : each,
  );
  return { ...call, where };
}

/**
 * The same question about this place alone. By its id a passkey is also named to be deleted, which at the installation's host its
 * person may do with all of theirs.
 */
function ofPlace<T extends Call>(call: T, finds: boolean, place: LoginPlace): T {
  const { model, where = [] } = call;
  const asks = (field: string): boolean => where.some((each) => each.field === field);
  if (model === 'session' && finds && asks('token'))
    return { ...call, where: [...where, { field: 'host', value: place.host }] };
  if (model === 'passkey' && (place.host !== null || !asks('id')))
    return { ...call, where: [...where, { field: 'rpId', value: relyingParty(place) }] };
  return call;
}

/** A session that was asked for by its token has that token again. */
function returned<T>({ model, where }: { model: string; where: Where[] }, row: T | null): T | null {
  const token = where.find(({ field }) => field === 'token')?.value;
  return model === 'session' && row !== null && typeof token === 'string' ? { ...row, token } : row;
}
