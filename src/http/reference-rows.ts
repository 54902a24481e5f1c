/** A JSON schema as rows for people: one per field, nested ones by their path. */
export type FieldRow = {
  readonly field: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly meaning: string;
};

const depthMax = 8;

export function rowsOf(schema: object, field: string, isRequired = false, depth = 0): FieldRow[] {
  const description = read(schema, 'description');
  const row = {
    field,
    type: typeOf(schema),
    isRequired,
    meaning: typeof description === 'string' ? description : '',
  };
  return depth >= depthMax ? [row] : [row, ...childRows(schema, field, depth + 1)];
}

function childRows(schema: object, field: string, depth: number): FieldRow[] {
  const items = read(schema, 'items');
  if (isObject(items)) return childRows(items, `${field}[]`, depth);
  const branches = read(schema, 'anyOf');
  if (Array.isArray(branches)) {
    const rows = branches.flatMap((branch) => childRows(Object(branch), field, depth));
    return [...new Map(rows.map((row) => [row.field, row])).values()];
  }
  const properties = read(schema, 'properties');
  if (!isObject(properties)) return [];
  const required = read(schema, 'required');
  return Object.entries(properties).flatMap(([name, child]) => {
    const isRequired = Array.isArray(required) && required.includes(name);
    return rowsOf(Object(child), field === '' ? name : `${field}.${name}`, isRequired, depth);
  });
}

function typeOf(schema: object): string {
  const branches = read(schema, 'anyOf');
  if (Array.isArray(branches)) {
    return [...new Set(branches.map((branch) => typeOf(Object(branch))))].join(' | ');
  }
  const constant = read(schema, 'const');
  if (constant !== undefined) return JSON.stringify(constant);
  const allowed = read(schema, 'enum');
  if (Array.isArray(allowed)) return allowed.map((value) => JSON.stringify(value)).join(' | ');
  const type = readText(schema, 'type') || 'any';
  const items = read(schema, 'items');
  if (type === 'array' && isObject(items)) return `${typeOf(items)}[]${bounds(schema)}`;
  const format = read(schema, 'format');
  return `${type}${typeof format === 'string' ? ` (${format})` : ''}${bounds(schema)}`;
}

function bounds(schema: object): string {
  const pick = (keys: readonly string[]): string =>
    keys.map((key) => readText(schema, key)).find((value) => value !== '') ?? '';
  const range = `${pick(['minimum', 'minLength', 'minItems'])}..${pick(['maximum', 'maxLength', 'maxItems'])}`;
  return range === '..' ? '' : ` ${range}`;
}

function readText(schema: object, key: string): string {
  const value = read(schema, key);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function read(schema: object, key: string): unknown {
  return Reflect.get(schema, key);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
