import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Type } from 'typebox';
import { defineRoute, fields, text, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { exportBundle } from './export.ts';
import { importBundle } from './import.ts';
import { IdReference, sections } from './model.ts';
import type { BundleWorld } from './model.ts';
import { passphraseLengthMin } from './vault.ts';

/** In characters; larger ones are imported by the operator's command, which reads a file. */
const bundleLengthMax = 8_388_608;
const Passphrase = word(1000, {
  minLength: passphraseLengthMin,
  description: 'what secrets are sealed under',
});

export function bundleRoutes(world: BundleWorld): readonly Route[] {
  return [exportRoute(world), importRoute(world)];
}

function exportRoute(world: BundleWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/subaccounts/:id/export',
    tag: 'subaccounts',
    grant: 'subaccounts:read',
    summary: 'Export a subaccount as a bundle: lines of JSON',
    description:
      'Profile, quota, domains, keys, SMTP users and suppressions. With a passphrase (and `keys:secrets`) also DKIM keys and ' +
      'hashes of secrets, sealed under it. Needs the reading grant of everything that is in it.',
    params: fields({ id: IdReference }),
    body: fields({ passphrase: Type.Optional(Passphrase), gzip: Type.Optional(Type.Boolean()) }),
    replies: { 200: { raw: 'application/jsonl' } },
    example: { params: { id: 'external:client-1' }, body: {} },
    run: async ({ scope, params, body }) => {
      const lines = await exportBundle(world, scope, params.id, { passphrase: body.passphrase ?? null });
      const stream = Readable.from(lines);
      if (body.gzip !== true) return { status: 200, body: stream };
      const zipped = createGzip();
      stream.on('error', (error) => zipped.destroy(error)).pipe(zipped);
      return { status: 200, body: zipped, contentType: 'application/gzip' };
    },
  });
}

function importRoute(world: BundleWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/subaccounts/import',
    tag: 'subaccounts',
    grant: 'subaccounts:write',
    summary: 'Make a subaccount from a bundle, whole or not at all',
    description:
      'Ids are new; domains are unproven until their DNS proves them here; keys that came without their secret get a new one, ' +
      'shown in the answer. What is wrong is named as `bundle[line].section.field`, and nothing is kept.',
    bodyLimitBytes: 32 * 1024 * 1024,
    body: fields({
      bundle: text(bundleLengthMax, { minLength: 1 }),
      passphrase: Type.Optional(Passphrase),
      externalId: Type.Optional(word(255, { description: "instead of the bundle's" })),
    }),
    replies: {
      201: fields({
        id: Type.Integer(),
        rows: fields(Object.fromEntries(sections.map((section) => [section, Type.Integer()]))),
        keys: Type.Array(
          fields({
            name: Type.String(),
            publicId: Type.String(),
            secret: Type.String({ description: 'shown this once' }),
          }),
        ),
        notes: Type.Array(fields({ line: Type.Integer(), field: Type.String(), message: Type.String() })),
      }),
    },
    example: { body: { bundle: exampleBundle } },
    run: async ({ scope, body }) => {
      const report = await importBundle(world, scope, () => linesOf(body.bundle), {
        passphrase: body.passphrase ?? null,
        externalId: body.externalId ?? null,
      });
      const { subaccountId, rows, keys, notes } = report;
      return { status: 201, body: { id: subaccountId, rows, keys, notes } };
    },
  });
}

async function* linesOf(bundle: string): AsyncGenerator<string, void> {
  const lines = bundle.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  yield* await Promise.resolve(lines);
}

const exampleBundle = `{"lettershop":"subaccount","version":1,"exportedAt":"2026-11-25T12:00:00.000Z","origin":"0000000000000000000000000000000000000000000000000000000000000000","vault":null}
{"subaccount":{"name":"Client one","externalId":null,"notes":"","trial":false,"stop":null,"profile":{},"pool":null}}
{"end":true,"rows":1,"sha256":"e5a574939bf229a29523bb238cfe64ec9b05ce3851f3981c954df491ccf033e1"}
`;
