/**
 * Mandrill (Mailchimp Transactional) under `/mandrill`: a program written for it works here after changing the base path and
 * the key. Promises: no state, no SQL and no decision of its own; what it does, native routes do. Contract sections are named
 * where they are kept.
 */
import { isRefusal } from '../../features/refusals/index.ts';
import { parseJsonBody } from '../../http/json-body.ts';
import type { Dialect } from '../shared/dialect.ts';
import { identify } from './caller.ts';
import type { MandrillCall, MandrillCaller, MandrillRoute, MandrillWorld } from './caller.ts';
import { exportCalls } from './exports.ts';
import { isObject } from './fields.ts';
import { inboundCalls } from './inbound.ts';
import { ipCalls } from './ips.ts';
import { messageCalls } from './messages.ts';
import { metadataCalls } from './metadata.ts';
import { notOfferedCalls } from './not-offered.ts';
import { pathOf, suffixes } from './paths.ts';
import { rejectCalls } from './rejects.ts';
import { scheduledCalls } from './scheduled.ts';
import { searchCalls } from './search.ts';
import { senderCalls } from './senders.ts';
import { senderFigureCalls } from './sender-figures.ts';
import { sendingCalls } from './sending.ts';
import { subaccountCalls } from './subaccounts.ts';
import { tagCalls } from './tags.ts';
import { templateCalls } from './templates.ts';
import { urlCalls } from './urls.ts';
import { userCalls } from './users.ts';
import { webhookCalls } from './webhooks.ts';
import { word } from './words.ts';

export { mandrillWording } from './events.ts';
export { mandrillMailWording } from './inbound-mail.ts';
export { mandrillExportForm } from './export-form.ts';
export { hasControls, submit } from './smtp.ts';
export type { MandrillWorld } from './caller.ts';

export const mandrillCalls: readonly MandrillCall[] = [
  ...userCalls,
  ...subaccountCalls,
  ...sendingCalls,
  ...messageCalls,
  ...searchCalls,
  ...scheduledCalls,
  ...rejectCalls,
  ...senderCalls,
  ...senderFigureCalls,
  ...tagCalls,
  ...templateCalls,
  ...webhookCalls,
  ...urlCalls,
  ...exportCalls,
  ...metadataCalls,
  ...inboundCalls,
  ...ipCalls,
  ...notOfferedCalls,
];

function routesOf({ call, example, bodyLimitBytes, run }: MandrillCall): readonly MandrillRoute[] {
  return suffixes.map((suffix) => ({
    method: 'POST',
    path: pathOf(call, suffix),
    grant: null,
    example: { params: { version: '1.3' }, body: example },
    ...(bodyLimitBytes === undefined ? {} : { bodyLimitBytes }),
    run: async (caller, { body }) => ({
      status: 200,
      // A text is JSON here, too: `"PONG!"` with its quotes.
      body: JSON.stringify(await run(caller, isObject(body) ? body : {})),
    }),
  }));
}

/** JSON whatever the type says, else a form; what is neither has no key and is told so. */
function readBody(type: string, bytes: Buffer): unknown {
  try {
    return parseJsonBody(bytes);
  } catch (error) {
    if (/^application\/x-www-form-urlencoded\b/i.test(type))
      return Object.fromEntries(new URLSearchParams(bytes.toString('utf8')));
    if (isRefusal(error) && error.details.errors?.some(({ rule }) => rule === 'json') === true)
      return undefined;
    throw error;
  }
}

export function mandrill(world: MandrillWorld): Dialect<MandrillCaller> {
  return {
    name: 'mandrill',
    prefix: '/mandrill',
    routes: mandrillCalls.flatMap(routesOf),
    credentialIn: 'body',
    identify: (route, call) => identify(world, route, call),
    readBody,
    word,
  };
}
