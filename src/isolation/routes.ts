import type { Route } from '../base/route.ts';

/**
 * The route table as data, without a program behind it: the routes are made with a world in which everything is there
 * and nothing works. They may be read; whoever runs one gets an error.
 */
export function routesAsData(make: (world: never) => readonly Route[]): readonly Route[] {
  return make(nothing() as never).map((route) => ({
    ...route,
    run: () => Promise.reject(new Error(`${route.method} ${route.path} is data here`)),
  }));
}

/** Any field of it is another of its kind, and so is what a call of it gives; as a number it is 1. */
function nothing(): unknown {
  return new Proxy(nothing, {
    get: (_target, name) => (name === Symbol.toPrimitive ? () => 1 : nothing()),
    apply: () => nothing(),
  });
}
