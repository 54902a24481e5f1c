/** DMARC aggregate reports as receivers write them, and the archives that they come in: tests only. */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export type ReportRow = {
  readonly source: string;
  readonly count: number;
  readonly dkim?: 'pass' | 'fail';
  readonly spf?: 'pass' | 'fail';
  readonly disposition?: string;
  readonly headerFrom?: string;
};

export type ReportFields = {
  readonly domain: string;
  readonly rows: readonly ReportRow[];
  readonly reporter?: string;
  readonly reference?: string;
  /** Seconds. */
  readonly begin?: number;
  readonly end?: number;
};

const rowXml = ({
  source,
  count,
  dkim = 'pass',
  spf = 'pass',
  disposition = 'none',
  headerFrom = 'x.test',
}: ReportRow): string =>
  `<record><row><source_ip>${source}</source_ip><count>${count}</count><policy_evaluated><disposition>${disposition}</disposition>` +
  `<dkim>${dkim}</dkim><spf>${spf}</spf></policy_evaluated></row><identifiers><header_from>${headerFrom}</header_from></identifiers>` +
  `<auth_results><spf><domain>x.test</domain><result>pass</result></spf></auth_results></record>`;

export function reportXml({
  domain,
  rows,
  reporter = 'recv.test',
  reference = 'r1',
  ...time
}: ReportFields): string {
  const end = time.end ?? Math.floor(Date.now() / 1000) - 3600;
  const begin = time.begin ?? end - 86_400;
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>` +
    `<report_metadata><org_name>${reporter}</org_name><email>dmarc@${reporter}</email><report_id>${reference}</report_id>` +
    `<date_range><begin>${begin}</begin><end>${end}</end></date_range></report_metadata>` +
    `<policy_published><domain>${domain}</domain><p>none</p><sp>none</sp></policy_published>` +
    `${rows.map(rowXml).join('')}</feedback>\n`
  );
}

/** A zip archive of one file; `size` is what it says of its size. */
export function zip(content: Buffer, name = 'report.xml', size = content.length): Buffer {
  const packed = deflateRawSync(content);
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(8, 4);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(packed.length, 14);
  shared.writeUInt32LE(size, 18);
  shared.writeUInt16LE(name.length, 22);
  const head = Buffer.concat([Buffer.from('PK\x03\x04'), shared, Buffer.from(name), packed]);
  const entry = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00'),
    shared,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(entry.length, 8);
  end.writeUInt32LE(head.length, 12);
  return Buffer.concat([head, entry, Buffer.from('PK\x05\x06'), end]);
}

export const gzip = (content: Buffer): Buffer => gzipSync(content);

/** The mail that brings a report. */
export function reportMail(type: string, file: Buffer, name = 'recv.test!x.test!1!2.xml'): string {
  return [
    'From: dmarc@recv.test',
    'Subject: Report Domain: x.test Submitter: recv.test Report-ID: <r1>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="edge"',
    '',
    '--edge',
    'Content-Type: text/plain',
    '',
    'This is an aggregate report.',
    '--edge',
    `Content-Type: ${type}; name="${name}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${name}"`,
    '',
    ...(file.toString('base64').match(/.{1,76}/g) ?? []),
    '--edge--',
    '',
  ].join('\r\n');
}
