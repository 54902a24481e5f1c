/** What better-auth does not see to by itself: tries per login, codes that are used once, no trusted devices. */
import { APIError, createAuthMiddleware, getSessionFromCtx } from 'better-auth/api';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { textOf } from './link.ts';
import { hashBackupCode } from './second-factor.ts';
import { countTry, forgetTries } from './sql.ts';
import { hashToken } from './store.ts';

type GuardWorld = { readonly db: Database; readonly clock: Clock };

const triesWindowMs = 900_000;
const triesMax = 10;
/** A code of now, of the step before and of the one after are good: no code outlives this. */
const codeLifeMs = 120_000;

const triesKey = (email: string): string => `login ${hashToken(email.toLowerCase())}`;

export function beforeEach({ db, clock }: GuardWorld) {
  return createAuthMiddleware(async (ctx) => {
    const body = (ctx.body ?? {}) as Record<string, unknown>;
    switch (ctx.path) {
      case '/sign-in/email': {
        const key = triesKey(textOf(body, 'email'));
        const tries = await countTry(db.engine, key, clock.now(), triesWindowMs);
        if (tries > triesMax)
          throw new APIError('TOO_MANY_REQUESTS', { message: 'Too many failed logins; try later' });
        return undefined;
      }
      case '/update-user':
        return { context: { body: { name: textOf(body, 'name').slice(0, 200) } } };
      case '/change-password':
        // Whoever had a session before the change has none after it; the one that asks gets another.
        return { context: { body: { ...body, revokeOtherSessions: true } } };
      case '/two-factor/enable':
        // The other method mails codes; there is none here.
        if (body['method'] !== undefined && body['method'] !== 'totp') throw new APIError('BAD_REQUEST');
        return undefined;
      case '/two-factor/verify-totp':
        await useCodeUp(ctx, textOf(body, 'code'));
        return { context: { body: { ...body, trustDevice: false } } };
      case '/two-factor/verify-backup-code':
        return {
          context: { body: { ...body, code: hashBackupCode(textOf(body, 'code')), trustDevice: false } },
        };
      default:
        return undefined;
    }
  });
}

type Context = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];

/** RFC 6238 5.2: a code is taken once, right or wrong; the row's key decides between two at the same moment. */
async function useCodeUp(ctx: Context, code: string): Promise<void> {
  const userId = await whoseCode(ctx);
  if (userId === null) return;
  const isFirst = await ctx.context.internalAdapter.reserveVerificationValue({
    identifier: `totp ${userId} ${code.trim()}`,
    value: 'used',
    expiresAt: new Date(Date.now() + codeLifeMs),
  });
  if (!isFirst) throw new APIError('UNAUTHORIZED', { message: 'Invalid code', code: 'INVALID_CODE' });
}

/** Of the session that sets a second factor up, or of the login that waits for one. */
async function whoseCode(ctx: Context): Promise<string | null> {
  const session = await getSessionFromCtx(ctx);
  if (session !== null) return session.user.id;
  const cookie = ctx.context.createAuthCookie('two_factor');
  const challenge = await ctx.getSignedCookie(cookie.name, ctx.context.secret);
  if (typeof challenge !== 'string') return null;
  return (await ctx.context.internalAdapter.findVerificationValue(challenge))?.value ?? null;
}

export function afterEach({ db }: GuardWorld) {
  return createAuthMiddleware(async (ctx) => {
    if (ctx.path !== '/sign-in/email' || ctx.context.returned instanceof APIError) return;
    await forgetTries(db.engine, triesKey(textOf(ctx.body, 'email')));
  });
}
