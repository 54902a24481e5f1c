/** The dialects, each a line: they speak to the product through the native routes. */
import { makeIdPrinter } from '../base/ids.ts';
import type { Clock } from '../base/clock.ts';
import type { Keyring } from '../base/seal.ts';
import type { Route } from '../base/route.ts';
import type { Caller, Dialect } from '../dialects/shared/dialect.ts';
import { mountDialect } from '../dialects/shared/mount.ts';
import { Native } from '../dialects/shared/native.ts';
import { hasControls, mandrill, submit } from '../dialects/mandrill/index.ts';
import { sparkpost, sparkpostSmtp } from '../dialects/sparkpost/index.ts';
import { dialectOf } from '../features/access/index.ts';
import type { Access } from '../features/access/index.ts';
import type { Mount } from '../http/server.ts';
import type { SmtpDialects } from '../smtp/submission.ts';

export type DialectsWorld = {
  readonly routes: readonly Route[];
  readonly access: Access;
  readonly clock: Clock;
  readonly ring: Keyring;
};

export type Dialects = {
  readonly mounts: readonly Mount[];
  readonly smtp: SmtpDialects;
};

export function dialects({ routes, access, clock, ring }: DialectsWorld): Dialects {
  const native = new Native(routes);
  const ids = makeIdPrinter(ring.mac('printed ids', ''));
  const world = { access, native, ids, now: () => clock.now() };
  return {
    mounts: [mountOf(sparkpost(world)), mountOf(mandrill(world))],
    smtp: {
      admit: (identity) => (identity.dialect === 'sparkpost' ? sparkpostSmtp.admit(identity.scope) : null),
      async obey({ identity, scope, requestId, remoteAddress, bytes, recipients }) {
        if (identity.dialect === 'sparkpost') return sparkpostSmtp.obey(bytes);
        if (identity.dialect !== 'mandrill' || !hasControls(bytes)) return { kind: 'plain' };
        const request = { id: requestId, remoteAddress, header: () => undefined, door: 'smtp' } as const;
        const actFor = async (id: number) => (await identity.again(requestId, String(id))).scope;
        return submit(world, { scope, actFor, request, bytes, recipients });
      },
      word: (user, refusal, bytes) =>
        dialectOf(user) === 'sparkpost' ? sparkpostSmtp.word(refusal, bytes) : null,
    },
  };
}

function mountOf<C extends Caller>(dialect: Dialect<C>): Mount {
  const mount: Mount['mount'] = (app, log) => mountDialect(app, dialect, log);
  return { prefix: dialect.prefix, mount, ignoresLastSlash: true };
}
