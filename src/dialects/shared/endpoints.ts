/**
 * A dialect's contract as a table: every endpoint and every promise of its semantics, each with the test that proves it or
 * the refusal that a caller gets. docs/<dialect>.md is made from it (`npm run schema`); a sweep looks for empty cells, for
 * tests that are not there and for routes that the table does not know.
 */

/** `test/scenarios/sparkpost-keys.test.ts` and the title of a test in it. */
export type Proof = { readonly file: string; readonly test: string };

export type Priority = 'P1' | 'P2' | 'P3';

export type Endpoint = {
  /** `GET /api/v1/subaccounts/:id` */
  readonly endpoint: string;
  readonly priority: Priority;
} & (Proof | { readonly refusal: string });

/** One line of the contract that is no endpoint: scoping, inheritance, statuses, quotas, suppression. */
export type Semantics = { readonly section: string; readonly says: string } & (
  | Proof
  | { readonly differs: string }
);

export type Contract = {
  readonly name: string;
  readonly title: string;
  readonly intro: string;
  readonly endpoints: readonly Endpoint[];
  readonly semantics: readonly Semantics[];
};

function proofCell(line: Endpoint | Semantics): string {
  if ('refusal' in line) return `refused: ${line.refusal}`;
  if ('differs' in line) return `differs: ${line.differs}`;
  return `${line.test} (\`${line.file}\`)`;
}

export function contractPage({ title, intro, endpoints, semantics }: Contract): string {
  const rows = endpoints.map((each) => `| \`${each.endpoint}\` | ${each.priority} | ${proofCell(each)} |`);
  const lines = semantics.map((each) => `| ${each.section} | ${each.says} | ${proofCell(each)} |`);
  return `# ${title}

${intro}

Made from the dialect's \`contract.ts\` by \`npm run schema\`; \`test/sweeps/dialects.test.ts\` looks for each test and each refusal.

## Endpoints

| endpoint | priority | proof |
|---|---|---|
${rows.join('\n')}

## Semantics

| section | says | proof |
|---|---|---|
${lines.join('\n')}
`;
}

type Served = { readonly method: string; readonly path: string };

/** What is wrong with the table: each fault names its line. `read` gives a file's text, null when there is none. */
export function contractFaults(
  { endpoints, semantics }: Contract,
  routes: readonly Served[],
  read: (path: string) => string | null,
): readonly string[] {
  const known = new Set(endpoints.map(({ endpoint }) => endpoint));
  const served = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  return [
    ...[...served].filter((name) => !known.has(name)).map((name) => `${name} is not in the table`),
    ...endpoints
      .filter((each) => 'test' in each && !served.has(each.endpoint))
      .map(({ endpoint }) => `${endpoint} has a test and no route`),
    ...endpoints
      .filter((each) => 'refusal' in each && (each.priority !== 'P3' || each.refusal === ''))
      .map(({ endpoint }) => `${endpoint} may not be refused, or not without words`),
    ...[...endpoints, ...semantics].flatMap((line) => {
      if (!('test' in line)) return [];
      const name = 'endpoint' in line ? line.endpoint : line.says;
      const text = read(line.file);
      const isThere = text !== null && line.test !== '' && text.includes(`test(${quoted(line.test)}`);
      return isThere ? [] : [`${name}: no test "${line.test}" in ${line.file}`];
    }),
  ];
}

function quoted(title: string): string {
  return title.includes("'") ? JSON.stringify(title) : `'${title}'`;
}
