/**
 * SparkPost under `/sparkpost`: a program written for it works here after changing origin and key. Promises: no state, no SQL
 * and no decision of its own; what it does, native routes do. Contract sections are named where they are kept.
 */
import { parseJsonBody } from '../../http/json-body.ts';
import { refuse } from '../../features/refusals/index.ts';
import type { Dialect } from '../shared/dialect.ts';
import { identify } from './caller.ts';
import type { SparkpostCaller, SparkpostRoute, SparkpostWorld } from './caller.ts';
import { subaccountRoutes } from './subaccounts.ts';
import { word } from './words.ts';

export type { SparkpostWorld } from './caller.ts';

export function sparkpostRoutes(): readonly SparkpostRoute[] {
  return [...subaccountRoutes()];
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
      return parseJsonBody(bytes);
    },
    word,
  };
}
