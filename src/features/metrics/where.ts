/** Clauses of conditions as a caller writes them: JSON text. Pure. */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fields, word } from '../../base/route.ts';
import { invalidField } from '../refusals/index.ts';
import { derivedDimensions, dimensions, tests } from './model.ts';
import type { Where } from './model.ts';

const Condition = fields({
  of: Type.Enum(['subaccount', ...dimensions, ...derivedDimensions]),
  test: Type.Enum(tests),
  values: Type.Array(word(320), { minItems: 1, maxItems: 50 }),
});
const Clauses = Type.Array(
  fields({
    holds: Type.Enum(['all', 'any']),
    conditions: Type.Array(Condition, { minItems: 1, maxItems: 20 }),
  }),
  { maxItems: 10 },
);
const check = Compile(Clauses);

export const whereWords =
  'JSON: clauses that hold together, `[{"holds": "any", "conditions": [{"of": "campaign", "test": "contains", "values": ["sale"]}]}]`; ' +
  'tests are is, isNot, contains and containsNot (the last two in any case). What was counted as other fits no condition of its dimension';

/** Refuses what is no list of clauses. */
export function toWhere(text: string): Where {
  const clauses = parsed(text);
  if (!check.Check(clauses)) throw invalidField('where', 'schema', 'must be a list of clauses');
  return clauses.map(({ holds, conditions }) => ({
    holds,
    conditions: conditions.map(({ of, test, values }) => ({ of, test, values: [...values] })),
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidField('where', 'json', 'must be JSON');
  }
}
