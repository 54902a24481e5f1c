/**
 * better-auth's adapter to our tables, with what it leaves in clear kept as hashes: session tokens. A token is hashed on
 * its way in and given back as it came, so that better-auth never notices; who reads the table cannot log in.
 */
import type { BetterAuthOptions } from 'better-auth';
import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth/adapters';
import { kyselyAdapter } from '@better-auth/kysely-adapter';
import type { Db } from '../../base/database/database.ts';
import { hashSecret } from '../../base/secrets.ts';

/** SHA-256 in hex: enough for 190 random bits. */
export function hashToken(token: string): string {
  return hashSecret(token).toString('hex');
}

export function loginStore(db: Db): (options: BetterAuthOptions) => DBAdapter {
  const open = kyselyAdapter(db, { type: 'postgres', transaction: true });
  return (options) => {
    const plain = open(options);
    return {
      ...plain,
      ...hashing(plain),
      transaction: (run) => plain.transaction((tx) => run({ ...tx, ...hashing(tx) })),
    };
  };
}

type Row = Record<string, unknown>;
type Hashing = Pick<
  DBTransactionAdapter,
  'create' | 'findOne' | 'findMany' | 'update' | 'updateMany' | 'delete' | 'deleteMany' | 'consumeOne'
>;

function hashing(plain: DBTransactionAdapter): Hashing {
  return {
    create: async (call) => {
      if (call.model !== 'session') return plain.create(call);
      const row = await plain.create<never, never>({ ...call, data: hashed(call.data) as never });
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

const stored = /^[0-9a-f]{64}$/;

/**
 * The same question by hash. What already is a hash (of a session that was listed) may be named to be ended, never to be
 * found: `finds` hashes it once more, and nothing fits.
 */
function asked<T extends { model: string; where?: Where[] | undefined }>(call: T, finds: boolean): T {
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

/** A session that was asked for by its token has that token again. */
function returned<T>({ model, where }: { model: string; where: Where[] }, row: T | null): T | null {
  const token = where.find(({ field }) => field === 'token')?.value;
  return model === 'session' && row !== null && typeof token === 'string' ? { ...row, token } : row;
}
