/**
 * Accepting an invitation, under /api/auth as nobody may have a credential yet. The link proves the address, so a login
 * that exists needs nothing more; it opens no session, though: whoever has a second factor still needs it.
 */
import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint, getSessionFromCtx } from 'better-auth/api';
import { hashSecret } from '../../base/secrets.ts';
import type { Tx } from '../../base/database/database.ts';
import {
  findLoginByEmail,
  hashPassword,
  passwordLengthMax,
  passwordLengthMin,
  textOf,
  upsertLogin,
  upsertPassword,
} from '../logins/index.ts';
import { tell } from './operations.ts';
import type { UserWorld } from './operations.ts';
import { actAsUser, deleteInvitation, findOffer, insertPromised } from './sql-invitations.ts';
import type { Offer } from './sql-invitations.ts';

/** `POST /invitation/read {token}` and `POST /invitation/accept {token, name?, password?}`. */
export function invitationPlugin(world: UserWorld): BetterAuthPlugin {
  const post = { method: 'POST' } as const;
  return {
    id: 'invitation',
    endpoints: {
      readInvitation: createAuthEndpoint('/invitation/read', post, async (ctx) =>
        ctx.json(await read(world, textOf(ctx.body, 'token'))),
      ),
      acceptInvitation: createAuthEndpoint('/invitation/accept', post, async (ctx) => {
        const session = await getSessionFromCtx(ctx);
        const answer = await accept(world, {
          token: textOf(ctx.body, 'token'),
          name: textOf(ctx.body, 'name'),
          password: textOf(ctx.body, 'password'),
          loggedInAs: session?.user.email ?? null,
        });
        return ctx.json(answer);
      }),
    },
  };
}

function isOver(): APIError {
  return new APIError('NOT_FOUND', {
    message: 'This invitation is over: it was accepted, revoked, sent anew or is too old',
  });
}

type Shown = { readonly email: string; readonly accountName: string; readonly needsPassword: boolean };

async function read({ db, clock }: UserWorld, token: string): Promise<Shown> {
  return db.asEngine(async (tx) => {
    const offer = await findOffer(tx, hashSecret(token), new Date(clock.now()), false);
    if (offer === null) throw isOver();
    const login = await findLoginByEmail(tx, offer.email);
    return { email: offer.email, accountName: offer.accountName, needsPassword: login === null };
  });
}

type Accepting = {
  readonly token: string;
  readonly name: string;
  readonly password: string;
  readonly loggedInAs: string | null;
};

type Accepted = { readonly email: string; readonly accountId: number; readonly isNewLogin: boolean };

async function accept(world: UserWorld, { token, name, password, loggedInAs }: Accepting): Promise<Accepted> {
  // The link first, so that a stranger makes us hash nothing; the hash is not made within the transaction.
  const { needsPassword } = await read(world, token);
  if (needsPassword) checkPassword(password);
  const passwordHash = needsPassword ? await hashPassword(password) : null;
  return world.db.asEngine(async (tx) => {
    const offer = await findOffer(tx, hashSecret(token), new Date(world.clock.now()), true);
    if (offer === null) throw isOver();
    if (loggedInAs !== null && loggedInAs !== offer.email)
      throw new APIError('CONFLICT', {
        message: `You are logged in as somebody else; this invitation is for ${offer.email}`,
      });
    const known = await findLoginByEmail(tx, offer.email);
    if (known === null && passwordHash === null) throw isOver();
    const userId = await upsertLogin(tx, offer.email, name.slice(0, 200));
    if (known === null && passwordHash !== null) await upsertPassword(tx, userId, passwordHash);
    await join(world, tx, offer, userId);
    return { email: offer.email, accountId: offer.accountId, isNewLogin: known === null };
  });
}

function checkPassword(password: string): void {
  if (password.length >= passwordLengthMin && password.length <= passwordLengthMax) return;
  throw new APIError('BAD_REQUEST', {
    message: `The password must have ${passwordLengthMin} to ${passwordLengthMax} characters`,
  });
}

async function join(world: UserWorld, tx: Tx, offer: Offer, userId: string): Promise<void> {
  await actAsUser(tx, userId, offer.subaccountId);
  await insertPromised(tx, offer.id, userId);
  await deleteInvitation(tx, offer.id);
  await tell(world, tx, offer, 'user.joined', userId);
}
