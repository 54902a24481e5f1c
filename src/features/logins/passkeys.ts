/**
 * Passkeys, each of the one place where it was made (WebAuthn Level 3, 5.1.2 and 13.4.9). The store shows better-auth none of
 * another place; here is what it would not ask by itself: whether the person still belongs to the holder of a brand's host.
 */
import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint, sessionMiddleware } from 'better-auth/api';
import { passkey } from '@better-auth/passkey';
import type { Database } from '../../base/database/database.ts';
import { relyingParty } from './place.ts';
import type { LoginPlace } from './place.ts';
import { findPasskeyOwner, listPasskeys } from './sql.ts';

export type PasskeyWorld = {
  readonly db: Database;
  readonly place: LoginPlace;
  /** Whether somebody has anything to do with the holder of a brand's host, whose tenant is not suspended. */
  readonly belongs: (host: string, userId: string) => Promise<boolean>;
};

export function passkeys(world: PasskeyWorld) {
  const { db, place } = world;
  return passkey({
    rpID: relyingParty(place),
    rpName: place.name,
    origin: new URL(place.url).origin,
    registration: { afterVerification: ({ user }) => onlyMembers(world, user.id) },
    authentication: {
      afterVerification: async ({ clientData }) =>
        onlyMembers(world, await findPasskeyOwner(db.engine, clientData.id)),
    },
    schema: {
      passkey: {
        modelName: 'passkeys',
        fields: {
          userId: 'user_id',
          publicKey: 'public_key',
          credentialID: 'credential_id',
          deviceType: 'device_type',
          backedUp: 'is_backed_up',
          createdAt: 'created_at',
        },
      },
    },
  });
}

async function onlyMembers({ place, belongs }: PasskeyWorld, userId: string | null): Promise<undefined> {
  if (place.host === null) return;
  if (userId === null || !(await belongs(place.host, userId)))
    throw new APIError('UNAUTHORIZED', { message: 'This host is of somebody else' });
}

/**
 * The column that the store tells passkeys apart by, and `GET /passkey/list`: a person's own. At the installation's host all of
 * them; at a brand's only its own, as the holder of the host is not told where else somebody logs in.
 */
export function passkeyListPlugin({ db, place }: PasskeyWorld): BetterAuthPlugin {
  const here = relyingParty(place);
  return {
    id: 'passkey-hosts',
    schema: {
      passkey: {
        modelName: 'passkeys',
        fields: { rpId: { type: 'string', required: false, input: false, fieldName: 'rp_id' } },
      },
    },
    endpoints: {
      passkeyList: createAuthEndpoint(
        '/passkey/list',
        { method: 'GET', use: [sessionMiddleware] },
        async (ctx) => {
          const { id } = ctx.context.session.user;
          const found = await listPasskeys(db.engine, id, place.host === null ? null : here);
          const items = found.map((each) => ({ ...each, isHere: each.host === here }));
          return ctx.json({ host: here, isBrandHost: place.host !== null, items });
        },
      ),
    },
  };
}
