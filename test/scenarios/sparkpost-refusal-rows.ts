/** The table of refusals of SparkPost's contract (section 2, and what the newer services say), as calls and their answers. */
import { content } from './sparkpost-calls.ts';

export type Error = Readonly<Record<string, unknown>>;
export type Row = readonly [what: string, call: string, body: unknown, status: number, ...errors: Error[]];

const classic = (code: string, message: string, description?: string): Error => ({
  message,
  ...(description === undefined ? {} : { description }),
  code,
});
export const missing = (description: string): Error =>
  classic('1400', 'required field is missing', description);
const format = (description: string): Error => classic('1300', 'invalid data format/type', description);
const exclusive = (description: string): Error =>
  classic('1301', 'invalid combination of fields', description);
const noSuch = (description: string): Error => classic('1603', 'Subresource not found', description);
const unknown = (description?: string): Error => classic('1600', 'resource not found', description);
const param = (message: string, name: string, value: unknown = null): Error => ({
  message,
  param: name,
  value,
});

export const to = [{ address: 'ann@inbox.test' }];
export const mail = (more: object): object => ({ recipients: to, content, ...more });
export const transmissions = 'POST /api/v1/transmissions';
export const template = { id: 'taken', name: 'taken', content };
const big = 'x'.repeat(100_001);
const needed = (name: string): Error => param(`\`${name}\` is a required field`, name);

export const classicRows: readonly Row[] = [
  [
    '1102',
    'PUT /api/v1/transmissions',
    {},
    405,
    {
      message: 'invalid http method',
      description: 'PUT is not supported on /api/v1/transmissions',
      code: '1102',
    },
  ],
  ['no path', 'GET /api/v1/nothing', undefined, 404, { message: 'Resource could not be found' }],
  [
    '1101',
    'PUT /api/v1/recipient-lists',
    {},
    400,
    classic('1101', 'invalid uri', 'PUT requires a recipient list id in the URI'),
  ],
  [
    '1101',
    'DELETE /api/v1/recipient-lists',
    undefined,
    400,
    classic('1101', 'invalid uri', 'DELETE requires a recipient list id in the URI'),
  ],
  [
    '1200',
    'POST /api/v1/transmissions?num_rcpt_errors=x',
    mail({}),
    400,
    classic('1200', 'invalid params', "param 'num_rcpt_errors' must be an integer"),
  ],
  [
    '1300',
    transmissions,
    mail({ metadata: 'x' }),
    422,
    format("field 'metadata' is of type 'string', but needs to be of type 'json object'"),
  ],
  [
    '1300',
    transmissions,
    mail({ campaign_id: 'x'.repeat(65) }),
    422,
    format("field 'campaign_id' is of length '65', but needs to be of max length '64'"),
  ],
  [
    '1300',
    transmissions,
    mail({ options: { start_time: 'soon' } }),
    422,
    format('Error parsing scheduled start_time'),
  ],
  [
    '1300',
    transmissions,
    mail({ options: { ip_pool: 'none' } }),
    422,
    format("IP Pool 'none' does not exist"),
  ],
  [
    '1301',
    transmissions,
    mail({ content: { email_rfc822: 'x', subject: 'y' } }),
    422,
    exclusive('content.email_rfc822 and content.subject are mutually exclusive'),
  ],
  [
    '1301',
    transmissions,
    mail({ content: { template_id: 'a', ab_test_id: 'b' } }),
    422,
    exclusive('You may not specify both template_id and ab_test_id'),
  ],
  [
    '1301',
    transmissions,
    mail({ content: { template_id: 'a', subject: 'x' } }),
    422,
    exclusive('Both content object and template_id are specified'),
  ],
  [
    '1307',
    'POST /api/v1/templates',
    { ...template, id: 'new', content: { ...content, from: 'x' } },
    400,
    classic('1307', 'failed to update database', 'content.from.email: "x" isn\'t a valid email format.'),
  ],
  ['1400', transmissions, { recipients: to }, 422, missing('content object or template_id required')],
  [
    '1400',
    transmissions,
    mail({ content: { subject: 'x', text: 'x' } }),
    422,
    missing('content.from is a required field'),
  ],
  [
    '1400',
    transmissions,
    mail({ content: { from: 'a@lettershop.test', text: 'x' } }),
    422,
    missing('content.subject is a required field'),
  ],
  [
    '1400',
    transmissions,
    mail({ content: { from: 'a@lettershop.test', subject: 'x' } }),
    422,
    missing("At least one of 'text' or 'html' needs to exist in 'content'"),
  ],
  ['1400', transmissions, { content }, 422, missing('recipients or list_id required')],
  [
    '1401',
    'DELETE /api/v1/transmissions',
    undefined,
    400,
    classic('1401', 'required query parameter is missing', 'campaign_id is required'),
  ],
  [
    '1600',
    'GET /api/v1/transmissions/123',
    undefined,
    404,
    unknown('Resource not found:transmission id 123'),
  ],
  [
    '1600',
    'GET /api/v1/sending-domains/none.test',
    undefined,
    404,
    unknown("Domain 'none.test' does not exist"),
  ],
  ['1600', 'GET /api/v1/recipient-lists/none', undefined, 404, unknown("List 'none' does not exist")],
  ['1600', 'GET /api/v1/templates/none', undefined, 404, unknown()],
  [
    '1602',
    'POST /api/v1/sending-domains',
    { domain: 'twice.example.com' },
    409,
    classic('1602', 'resource conflict', 'Sending Domain twice.example.com already registered'),
  ],
  [
    '1603',
    transmissions,
    mail({ content: { template_id: 'none' } }),
    422,
    noSuch("template 'none' does not exist"),
  ],
  [
    '1603',
    transmissions,
    { recipients: { list_id: 'none' }, content },
    422,
    noSuch("Recipient list 'none' does not exist"),
  ],
  [
    '1603',
    transmissions,
    mail({ content: { ab_test_id: 'none' } }),
    422,
    noSuch("ab_test_id 'none' does not exist"),
  ],
  ['2001', 'GET /api/v1/transmissions/x', undefined, 400, classic('2001', 'Invalid transmission id')],
  [
    '2002',
    transmissions,
    mail({ substitution_data: { big } }),
    422,
    classic(
      '2002',
      'Substitution data too large',
      'Transmission-level substitution data must be less than 100000 bytes',
    ),
  ],
  [
    '2007',
    transmissions,
    mail({ metadata: { big } }),
    422,
    classic('2007', 'Metadata too large', 'Transmission-level metadata must be less than 10000 bytes'),
  ],
  [
    '2004',
    transmissions,
    mail({ content: { template_id: 'live', use_draft_template: true } }),
    422,
    classic(
      '2004',
      'No draft template available, but published version exists',
      "no draft version of template 'live'",
    ),
  ],
  [
    '2005',
    transmissions,
    mail({ content: { template_id: 'taken' } }),
    422,
    classic(
      '2005',
      'No published template available, but draft version exists',
      "no published version of template 'taken'",
    ),
  ],
  [
    '2103',
    transmissions,
    mail({ options: { sandbox: true } }),
    420,
    classic('2103', 'Exceed Sending Limit (sandbox)'),
  ],
  [
    '2106',
    transmissions,
    mail({ content: { template_id: 'x' }, options: { sandbox: true } }),
    422,
    classic('2106', 'Invalid Template ID (sandbox)'),
  ],
  [
    '3002',
    transmissions,
    mail({ content: { ...content, headers: { 'a b': 'x' } } }),
    422,
    classic('3002', 'Invalid header', 'Error while validating header a b: Invalid header name'),
  ],
  [
    '3030',
    'POST /api/v1/templates',
    template,
    400,
    classic('3030', 'template already exists', "Template with id 'taken' already exists"),
  ],
  [
    '5001',
    'POST /api/v1/recipient-lists',
    { id: 'list', recipients: to },
    400,
    classic('5001', 'List already exists', "List 'list' already exists"),
  ],
  [
    '5002',
    transmissions,
    mail({ recipients: [{}] }),
    400,
    classic('5002', 'At least one valid recipient is required'),
  ],
  [
    '7001',
    transmissions,
    mail({ content: { ...content, from: 'a@none.test' } }),
    400,
    classic('7001', 'Invalid domain', 'Unconfigured or unverified sending domain.'),
  ],
  [
    '7001',
    transmissions,
    mail({ content: { ...content, from: 'a' } }),
    400,
    classic('7001', 'Invalid domain', 'No sending domain specified'),
  ],
];

export const plainRows: readonly Row[] = [
  ['name', 'POST /api/v1/subaccounts', {}, 400, needed('name'), needed('key_label'), needed('key_grants')],
  [
    'subaccount',
    'GET /api/v1/subaccounts/99999999',
    undefined,
    404,
    { message: 'Resource could not be found' },
  ],
  [
    'type',
    'PUT /api/v1/suppression-list/a@inbox.test',
    {},
    400,
    { message: 'Must supply a suppression type' },
  ],
  [
    'type',
    'PUT /api/v1/suppression-list/a@inbox.test',
    { type: 'x' },
    400,
    { message: "Type must be one of: 'transactional', 'non_transactional'" },
  ],
  [
    'entries',
    'PUT /api/v1/suppression-list',
    {
      recipients: [
        { recipient: 'a', type: 'transactional' },
        { recipient: 'b', type: 'transactional' },
      ],
    },
    400,
    { message: 'PUT body contains 2 invalid or malformed recipient(s): a, b' },
  ],
  [
    'entry',
    'GET /api/v1/suppression-list/none@inbox.test',
    undefined,
    404,
    { message: 'Recipient could not be found' },
  ],
  [
    'entry',
    'DELETE /api/v1/suppression-list/none@inbox.test',
    undefined,
    404,
    { message: 'Recipient could not be found' },
  ],
  ['tracking', 'GET /api/v1/tracking-domains/none.test', undefined, 404, { message: 'resource not found' }],
  [
    'tracking',
    'POST /api/v1/tracking-domains',
    { domain: 'x' },
    422,
    param('domain must be valid', 'domain', 'x'),
  ],
  [
    'tracking',
    'POST /api/v1/tracking-domains',
    { domain: 'click.example.com' },
    409,
    { message: 'The tracking domain already exists' },
  ],
  [
    'tracking',
    'PUT /api/v1/tracking-domains/click.example.com',
    { default: true },
    422,
    { message: "Tracking domain 'click.example.com' unverified." },
  ],
  ['pool', 'GET /api/v1/ip-pools/none', undefined, 404, { message: 'IP pool not found.' }],
  ['pool', 'DELETE /api/v1/ip-pools/none', undefined, 404, { message: 'IP Pool none does not exist.' }],
  [
    'pool',
    'PUT /api/v1/ip-pools/default',
    { name: 'x' },
    400,
    { message: 'IP Pool default is reserved and cannot be updated.' },
  ],
  ['pool', 'DELETE /api/v1/ip-pools/default', undefined, 400, { message: 'IP Pool default is reserved.' }],
  ['address', 'GET /api/v1/sending-ips/192.0.2.9', undefined, 404, { message: 'Sending IP does not exist' }],
  [
    'metrics',
    'GET /api/v1/metrics/deliverability?metrics=count_sent',
    undefined,
    400,
    param('from is a required field', 'from'),
  ],
];
