import { Group, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { Copy } from '../../parts/copy.tsx';
import { Facts } from '../../parts/facts.tsx';
import { State } from '../../parts/state.tsx';

type Domain = Reply<'GET /domains/{id}'>;
type Wanted = Domain['records'][number];
type Proof = Domain['proofs'][number];

const titles: Readonly<Record<string, string>> = {
  ownership: 'Ownership',
  dkim: 'Signature (DKIM)',
  return_path: 'Return path',
  return_path_cname: 'Return path by its own CNAME',
  return_path_mx: 'Return path by its own MX',
  spf: 'Permitted hosts (SPF)',
  dmarc: 'Policy (DMARC)',
};

/** Several of one purpose are told apart by a number. */
function titleOf(record: Wanted, { records }: Domain): string {
  const alike = records.filter(({ purpose }) => purpose === record.purpose);
  const title = titles[record.purpose] ?? record.purpose;
  return alike.length === 1 ? title : `${title} ${alike.indexOf(record) + 1}`;
}

type RecordsProps = {
  readonly domain: Domain;
  readonly of: 'records' | 'alternatives';
  readonly name: string;
};

/** Each record that is wanted beside what was seen of it. */
export function Records({ domain, of, name }: RecordsProps): ReactElement {
  return (
    <Stack gap="lg" role="list" aria-label={name}>
      {domain[of].map((record) => (
        <One
          key={`${record.type} ${record.name}`}
          title={titleOf(record, domain)}
          record={record}
          isInstead={of === 'alternatives'}
          proof={domain.proofs.find(
            ({ purpose, asked }) => purpose === record.purpose && asked.name === record.name,
          )}
        />
      ))}
    </Stack>
  );
}

type OneProps = {
  readonly title: string;
  readonly record: Wanted;
  /** It need not be there. */
  readonly isInstead: boolean;
  readonly proof: Proof | undefined;
};

function One({ title, record, isInstead, proof }: OneProps): ReactElement {
  const isSeen = proof !== undefined && proof.seen.length > 0;
  return (
    <div role="listitem" aria-label={title}>
      <Group gap="sm" mb={6}>
        <Text fw={600} size="sm">
          {title}
        </Text>
        <Text size="xs" c="dimmed">
          {isInstead
            ? 'instead of the return path'
            : record.required
              ? 'needed to send'
              : 'makes delivery better'}
        </Text>
        <Text size="sm" component="span">
          <State name={proof === undefined ? 'not checked yet' : proof.state} />
        </Text>
      </Group>
      <Facts
        of={{
          Type: <span className="mono">{record.type}</span>,
          Name: <Copy value={record.name} name={`the name of ${title}`} />,
          Wanted: <Copy value={record.value} name={`the value of ${title}`} />,
          Seen: proof === undefined ? null : isSeen ? <Seen values={proof.seen} /> : 'nothing',
          'To do':
            proof === undefined || proof.state === 'proven' || proof.explain === '' ? null : proof.explain,
        }}
      />
    </div>
  );
}

function Seen({ values }: { readonly values: readonly string[] }): ReactElement {
  return (
    <>
      {values.map((value) => (
        <div className="mono" key={value} style={{ overflowWrap: 'anywhere' }}>
          {value}
        </div>
      ))}
    </>
  );
}
