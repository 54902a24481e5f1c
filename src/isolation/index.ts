/**
 * The proof of isolation: an attack on a running installation, over HTTP and SMTP, by everyone who should see nothing.
 * Generated from the route table; what it is after stands in `things.ts`, one entry per noun. Promises: it works on
 * throw-away accounts and takes them down; it never names or changes what was there before. Time is not judged.
 * Used by `lettershop prove-isolation` and by `test/sweeps/isolation.test.ts`.
 */
export { missingLike } from './compare.ts';
export { bearer, exampleCall, openDoor, routeName } from './door.ts';
export type { Target } from './door.ts';
export { makeOperator } from './operator.ts';
export { proveIsolation, withStage } from './prove.ts';
export type { Report, Stage } from './prove.ts';
export { routesAsData } from './routes.ts';
export { nounsOf, unknownNouns, withoutMailing } from './things.ts';
