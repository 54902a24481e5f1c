/** Calls of the contract that are not offered here, each with the reason that its caller is told. */
import type { MandrillCall } from './caller.ts';
import { spelled } from './fields.ts';
import { invalid, tell, unknown } from './words.ts';

const bySms = 'mail only: there are no SMS here';
const byMarketing = 'there are no marketing templates';
const byUrl = 'clicks are counted by the name of a link, and mail by no link';
const ofAddresses = 'the operator gives source addresses and takes them back';

export const notOffered: Readonly<Record<string, string>> = {
  'messages/send-sms': bySms,
  'rejects/add-sms': bySms,
  'rejects/list-sms': bySms,
  'rejects/delete-sms': bySms,
  'urls/list': byUrl,
  'urls/search': byUrl,
  'urls/time-series': byUrl,
  'mctemplates/time-series': byMarketing,
  'ips/provision': ofAddresses,
  'ips/delete': ofAddresses,
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
