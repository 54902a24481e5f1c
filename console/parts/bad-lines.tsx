import { Table, Text } from '@mantine/core';
import type { ReactElement } from 'react';

type BadLine = {
  readonly line: number;
  readonly field: string;
  readonly rule: string;
  readonly message: string;
};
type BadLinesProps = { readonly bad: number; readonly lines: readonly BadLine[] };

/** What is wrong with a file, line by line; `bad` counts those too that are not shown. */
export function BadLines({ bad, lines }: BadLinesProps): ReactElement {
  return (
    <>
      {lines.length > 0 && (
        <div
          className="table-scroll"
          style={{ maxHeight: 300 }}
          tabIndex={0}
          role="region"
          aria-label="Bad lines"
        >
          <Table aria-label="Bad lines">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Line</Table.Th>
                <Table.Th>Field</Table.Th>
                <Table.Th>What is wrong</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {lines.map(({ line, field, rule, message }) => (
                <Table.Tr key={`${line} ${field} ${rule}`}>
                  <Table.Td>{line}</Table.Td>
                  <Table.Td>{field}</Table.Td>
                  <Table.Td>{message}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {bad > lines.length && (
        <Text size="xs" c="dimmed">
          The first {lines.length} bad lines are shown.
        </Text>
      )}
    </>
  );
}
