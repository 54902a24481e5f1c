/**
 * SparkPost under `/sparkpost`: a program written for it works here after changing origin and key. Promises: no state, no SQL
 * and no decision of its own; what it does, native routes do. Contract sections are named where they are kept.
 */
import { parseJsonBody } from '../../http/json-body.ts';
import { isRefusal, refuse } from '../../features/refusals/index.ts';
import type { Dialect } from '../shared/dialect.ts';
import { identify } from './caller.ts';
import { listRoutes } from './recipient-lists.ts';
import type { SparkpostCaller, SparkpostRoute, SparkpostWorld } from './caller.ts';
import { eventRoutes } from './events.ts';
import { invalidFormat } from './fields.ts';
import { accountRoutes } from './account.ts';
import { privacyRoutes } from './data-privacy.ts';
import { poolRoutes } from './ip-pools.ts';
import { inboundRoutes } from './inbound.ts';
import { keyRoutes } from './keys.ts';
import { metricRoutes } from './metrics.ts';
import { monitoringRoutes } from './monitoring.ts';
import { subaccountRoutes } from './subaccounts.ts';
import { dkimKeyRoutes } from './dkim-keys.ts';
import { sendingDomainRoutes } from './sending-domains.ts';
import { snippetRoutes } from './snippets.ts';
import { suppressionRoutes } from './suppression-list.ts';
import { previewRoutes } from './template-previews.ts';
import { templateRoutes } from './templates.ts';
import { trackingDomainRoutes } from './tracking-domains.ts';
import { transmissionRoutes } from './transmissions.ts';
import { usageRoutes } from './usage.ts';
import { userRoutes } from './users.ts';
import { webhookRoutes } from './webhooks.ts';
import { word } from './words.ts';

export type { SparkpostWorld } from './caller.ts';
export { sparkpostMailWording } from './relay-message.ts';
export { sparkpostSmtp } from './smtp.ts';
export { sparkpostWording } from './webhook-events.ts';

export function sparkpostRoutes(): readonly SparkpostRoute[] {
  return [
    ...subaccountRoutes(),
    ...keyRoutes(),
    ...suppressionRoutes(),
    ...transmissionRoutes(),
    ...templateRoutes(),
    ...previewRoutes(),
    ...snippetRoutes(),
    ...listRoutes(),
    ...sendingDomainRoutes(),
    ...dkimKeyRoutes(),
    ...trackingDomainRoutes(),
    ...eventRoutes(),
    ...webhookRoutes(),
    ...inboundRoutes(),
    ...metricRoutes(),
    ...poolRoutes(),
    ...accountRoutes(),
    ...usageRoutes(),
    ...userRoutes(),
    ...monitoringRoutes(),
    ...privacyRoutes(),
  ];
}

export function sparkpost(world: SparkpostWorld): Dialect<SparkpostCaller> {
  return {
    name: 'sparkpost',
    prefix: '/sparkpost',
    routes: sparkpostRoutes(),
    credentialIn: 'head',
    identify: (route, call) => identify(world, route, call),
    readBody(type, bytes) {
      if (!/^application\/json\b/i.test(type)) throw refuse('request.unsupported_type');
      try {
        return parseJsonBody(bytes);
      } catch (error) {
        if (isRefusal(error) && error.details.errors?.[0]?.rule === 'json')
          throw invalidFormat('Problems parsing request as json');
        throw error;
      }
    },
    word,
  };
}
