/** Checks a caller's input against a route's schema, compiled once at mount; words what is wrong with it. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import type { FieldError } from '../base/refusal.ts';
import { refuse } from '../features/refusals/index.ts';
import { fieldPath, pointerSegments } from './field-path.ts';
import type { PathSegment } from './field-path.ts';
import { settleUnions } from './union-faults.ts';

/** Where the input stands in the request; fields of a body go without a prefix. */
export type Place = 'body' | 'query' | 'params' | 'headers';
export type Checker = {
  readonly place: Place;
  readonly schema: TSchema;
  readonly check: (value: unknown) => boolean;
  /** At most `errorsMax`, each field and rule once. */
  readonly errors: (value: unknown) => readonly FieldError[];
};

const errorsMax = 20;
/** TypeBox reports some faults twice (a branch and its union), so it may collect more than we list. */
const collectedMax = 200;

/** Compiled at the first use: a start would do it for two thousand schemas, of which few are asked soon. */
export function compileChecker(place: Place, schema: TSchema): Checker {
  Settings.Set({ maxErrors: collectedMax });
  let compiled: ReturnType<typeof Compile> | null = null;
  const validator = (): ReturnType<typeof Compile> => (compiled ??= Compile(schema));
  return {
    place,
    schema,
    check: (value) => validator().Check(value),
    errors: (value) => wordErrors(place, schema, validator().Errors(value), value),
  };
}

/** Throws `request.invalid` with every broken field of every place. */
export function refuseInput(broken: readonly { checker: Checker; value: unknown }[]): never {
  const errors = broken.flatMap(({ checker, value }) => checker.errors(value)).slice(0, errorsMax);
  throw invalidInput(errors);
}

export function invalidInput(errors: readonly FieldError[]): Error {
  const first = errors[0];
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  const message = first === undefined ? undefined : `${first.field} ${first.message}${more}`;
  return refuse('request.invalid', message === undefined ? {} : { message, errors });
}

function wordErrors(
  place: Place,
  schema: TSchema,
  found: readonly TLocalizedValidationError[],
  value: unknown,
): FieldError[] {
  const worded = new Map<string, FieldError>();
  for (const error of settleUnions(found)) {
    const segments = pointerSegments(error.instancePath, value);
    for (const one of wordError(place, schema, error, segments)) {
      const id = `${one.field}\n${one.rule}`;
      if (!worded.has(id) && worded.size < errorsMax) worded.set(id, one);
    }
  }
  return [...worded.values()];
}

function wordError(
  place: Place,
  schema: TSchema,
  error: TLocalizedValidationError,
  segments: readonly PathSegment[],
): FieldError[] {
  const named = (path: readonly PathSegment[], rule: string, message: string): FieldError => ({
    field: fieldPath(path) || place,
    rule,
    message,
  });
  // One for each unknown field of a closed object; the object's own error lists them all once more.
  if (error.keyword === 'boolean')
    return [named(segments, 'unknown', `is not a field of this ${wordOf(place)}`)];
  // Said again by an error of the value or name itself.
  if (error.keyword === 'additionalProperties' || error.keyword === 'propertyNames') return [];
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((name) =>
      named([...segments, name], 'required', 'is missing'),
    );
  }
  if (error.keyword === 'anyOf' || error.keyword === 'oneOf') {
    return [named(segments, 'choice', unionText(schema, `${error.schemaPath}/${error.keyword}`))];
  }
  const isName = error.schemaPath.endsWith('/propertyNames');
  return [named(segments, error.keyword, `${isName ? 'is a name that ' : ''}${ruleText(error)}`)];
}

function wordOf(place: Place): string {
  return place === 'body' ? 'request' : place;
}

function ruleText(error: TLocalizedValidationError): string {
  const { keyword, params } = error;
  if (keyword === 'type') return `must be ${typeText(params.type)}`;
  if (keyword === 'maxLength') return `must not be longer than ${params.limit} characters`;
  if (keyword === 'minLength') {
    return params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} characters`;
  }
  if (keyword === 'maxItems') return `must not have more than ${params.limit} items`;
  if (keyword === 'minItems')
    return params.limit === 1 ? 'must not be empty' : `must have ${params.limit} items`;
  if (keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`;
  if (keyword === 'format') return `must be a valid ${params.format}`;
  if (keyword === 'pattern') return `must match ${String(params.pattern)}`;
  if (keyword === 'maxProperties') return `must not have more than ${params.limit} entries`;
  if (keyword === 'enum') {
    return `must be one of ${params.allowedValues.map((value) => JSON.stringify(value)).join(', ')}`;
  }
  return error.message;
}

function schemaAt(schema: TSchema, pointer: string): unknown {
  let found: unknown = schema;
  for (const segment of pointerSegments(pointer, schema)) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, segment) : undefined;
  }
  return found;
}

/** What a union's branches allow, read from the schema itself: constants by value, else types by name. */
function unionText(schema: TSchema, pointer: string): string {
  const branches = schemaAt(schema, pointer);
  if (!Array.isArray(branches)) return 'has no allowed form';
  const words = branches.map((branch: unknown) => {
    if (typeof branch !== 'object' || branch === null) return 'something else';
    if ('const' in branch) return JSON.stringify(branch.const);
    return 'type' in branch && typeof branch.type === 'string' ? typeText(branch.type) : 'another form';
  });
  const distinct = [...new Set(words)];
  return `must be ${distinct.length > 1 ? 'one of ' : ''}${distinct.join(', ')}`;
}

function typeText(type: string | readonly string[]): string {
  const names = typeof type === 'string' ? [type] : type;
  return names.map((name) => (/^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`)).join(' or ');
}
