/**
 * A union that fails reports the faults of all its branches, most of them about branches that the caller never meant.
 * What is left here is what helps: the faults of the branch that fits in kind, or one fault of the union itself.
 */
import type { TLocalizedValidationError } from 'typebox/error';

type Fault = TLocalizedValidationError;

export function settleUnions(found: readonly Fault[]): readonly Fault[] {
  let left = found;
  for (const union of found) {
    if (union.keyword === 'anyOf' || union.keyword === 'oneOf') left = settle(left, union);
  }
  return left;
}

function settle(faults: readonly Fault[], union: Fault): readonly Fault[] {
  const prefix = `${union.schemaPath}/${union.keyword}/`;
  const isBranch = (fault: Fault): boolean =>
    fault.schemaPath.startsWith(prefix) && fault.instancePath.startsWith(union.instancePath);
  const branches = Map.groupBy(faults.filter(isBranch), (fault) =>
    fault.schemaPath.slice(prefix.length).replace(/\/.*/s, ''),
  );
  const others = faults.filter((fault) => !isBranch(fault));
  const withoutUnion = others.filter((fault) => fault !== union);
  const inKind = [...branches.values()].filter((own) => !own.some((fault) => isWrongKind(fault, union)));
  const meant = inKind.filter((own) => !own.some(({ keyword }) => keyword === 'const'));
  if (meant.length > 0) return [...withoutUnion, ...meant.flat()];
  const tag = tagFault(inKind.flat());
  return tag === null ? others : [...withoutUnion, tag];
}

/** The branch would want another type here, or another constant. */
function isWrongKind({ keyword, instancePath }: Fault, union: Fault): boolean {
  return (
    instancePath === union.instancePath && (keyword === 'type' || keyword === 'const' || keyword === 'enum')
  );
}

/** Branches told apart by a constant (`kind: 'a'`), none of which came: one fault that names all of them. */
function tagFault(faults: readonly Fault[]): Fault | null {
  const first = faults.find(({ keyword }) => keyword === 'const');
  if (first === undefined) return null;
  const allowedValues = faults.flatMap((fault) =>
    fault.keyword === 'const' && fault.instancePath === first.instancePath ? [fault.params.allowedValue] : [],
  );
  const { instancePath, schemaPath, message } = first;
  return { keyword: 'enum', instancePath, schemaPath, message, params: { allowedValues } };
}
