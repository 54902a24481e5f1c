/** The providers that an import reads. */
import { finalFaults, fromMandrill, mandrillRows } from '../dialects/mandrill/moving.ts';
import { makeSource } from '../dialects/shared/source.ts';
import type { SourceOptions } from '../dialects/shared/source.ts';
import { fromSparkpost, sparkpostRows } from '../dialects/sparkpost/moving.ts';
import type { ExportedRows } from '../dialects/shared/moving.ts';
import type { Thing } from '../features/moving/index.ts';

export type { ExportedRows, Row } from '../dialects/shared/moving.ts';

export type Provider = {
  readonly baseUrl: string;
  readonly fromApi: (options: SourceOptions, key: string) => AsyncIterable<Thing>;
  readonly fromRows: (exported: ExportedRows) => AsyncIterable<Thing>;
};

export const providers: Readonly<Record<string, Provider | undefined>> = {
  sparkpost: {
    baseUrl: 'https://api.sparkpost.com',
    fromApi: (options, key) => fromSparkpost(makeSource(options), key),
    fromRows: sparkpostRows,
  },
  mandrill: {
    baseUrl: 'https://mandrillapp.com',
    fromApi: (options, key) => fromMandrill(makeSource({ ...options, isFinal: finalFaults }), key),
    fromRows: mandrillRows,
  },
};
