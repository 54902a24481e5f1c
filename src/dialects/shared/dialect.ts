/**
 * What a dialect is: routes as data in a provider's words, how it finds out who asks, and how each of our refusals sounds
 * there. A dialect keeps nothing and decides nothing: it reads the provider's fields, calls native routes (`native.ts`) and
 * prints their answers. What the product lacks becomes a native route first.
 */
import type { Answer, Method, RequestFacts, RouteExample } from '../../base/route.ts';
import type { Grant, Scope } from '../../base/scope.ts';
import type { RefusalCode } from '../../features/refusals/index.ts';
import type { Refusal } from '../../base/refusal.ts';

export type Call = {
  /** Percent-decoded, as they stand in the path. */
  readonly params: Readonly<Record<string, string>>;
  /** A name that was given several times has its last value. */
  readonly query: Readonly<Record<string, string>>;
  /** Undefined when none came. */
  readonly body: unknown;
  readonly request: RequestFacts;
};

/** Who asks; a dialect adds what its scoping needs. */
export type Caller = { readonly scope: Scope };

export type DialectRoute<C extends Caller> = {
  readonly method: Method;
  /** Below the dialect's prefix, params as `:name`. */
  readonly path: string;
  /** Of our list; null: any credential, and what it does asks for itself. */
  readonly grant: Grant | null;
  readonly example: RouteExample;
  readonly bodyLimitBytes?: number;
  readonly run: (caller: C, call: Call) => Promise<Answer>;
};

/** What a refusal is told about besides itself. `route` is null for a path that is not there. */
export type Asked = { readonly method: string; readonly path: string; readonly isKnownPath: boolean };

export type Dialect<C extends Caller> = {
  readonly name: string;
  /** `/sparkpost` */
  readonly prefix: string;
  readonly routes: readonly DialectRoute<C>[];
  /** `head`: strangers are turned away before their body is read. `body`: the credential stands there. */
  readonly credentialIn: 'head' | 'body';
  /** Throws a refusal, for a grant that is missing as well. */
  readonly identify: (route: DialectRoute<C>, call: Call) => Promise<C>;
  /** Throws a refusal, or a `Told`. */
  readonly readBody: (contentType: string, bytes: Buffer) => unknown;
  /** Null: a bug of ours. */
  readonly word: (refusal: Refusal<RefusalCode> | null, asked: Asked) => Answer;
};

/** A "no" that only this provider has (its own field rules), already in its words. */
export class Told extends Error {
  override readonly name = 'Told';
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`answers ${answer.status}`);
    this.answer = answer;
  }
}

/** How each refusal sounds: the compiler names a code that has no entry. */
export type RefusalWords<Words> = Readonly<Record<RefusalCode, Words>>;
