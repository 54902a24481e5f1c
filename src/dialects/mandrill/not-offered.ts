/** Calls of the contract that are not offered here, each with the reason that its caller is told. */
import type { MandrillCall } from './caller.ts';
import { spelled } from './fields.ts';
import { invalid, tell, unknown } from './words.ts';

const bySms = 'mail only: there are no SMS here';
const byTemplate = 'no figures are kept by template in Mandrill’s form';
const byUrl = 'no figures are kept by URL';
const byHour = 'use messages/search';
const ofAddresses = 'source addresses are the operator’s: see pools in the native API';

export const notOffered: Readonly<Record<string, string>> = {
  'messages/search-time-series': byHour,
  'messages/send-sms': bySms,
  'rejects/add-sms': bySms,
  'rejects/list-sms': bySms,
  'rejects/delete-sms': bySms,
  'templates/time-series': byTemplate,
  'urls/list': byUrl,
  'urls/search': byUrl,
  'urls/time-series': byUrl,
  'mctemplates/time-series': byTemplate,
  ...Object.fromEntries(
    'list info provision start-warmup cancel-warmup set-pool delete list-pools pool-info create-pool delete-pool check-custom-dns set-custom-dns'
      .split(' ')
      .map((each) => [`ips/${each}`, ofAddresses]),
  ),
};

/** Marketing templates: there are none, so that each that is asked for is unknown. */
const mcTemplates: readonly MandrillCall[] = [
  { call: 'mctemplates/list', example: {}, run: () => Promise.resolve([]) },
  ...['mctemplates/info', 'mctemplates/render', 'messages/send-mc-template'].map((call): MandrillCall => ({
    call,
    example: { mc_template_id: 7 },
    run: (_caller, body) => Promise.reject(unknown.message(spelled(body['mc_template_id']))),
  })),
];

export const notOfferedCalls: readonly MandrillCall[] = [
  ...mcTemplates,
  ...Object.entries(notOffered).map(([call, why]): MandrillCall => ({
    call,
    example: {},
    run: () =>
      Promise.reject(
        call.endsWith('-sms')
          ? invalid({ phone: why })
          : tell(501, -99, 'GeneralError', `${call} is not offered here: ${why}`),
      ),
  })),
];
