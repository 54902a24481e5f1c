import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { unsubscribeReaches } from './model.ts';
import type { SuppressionWorld } from './operations.ts';
import { readSettings, writeSettings } from './settings.ts';
import type { SettingState } from './settings.ts';

const hoursMax = 8760;
const Hours = Type.Integer({ minimum: 0, maximum: hoursMax, description: '0: it stays' });
const SoftHours = Type.Integer({ minimum: 1, maximum: hoursMax });
const Reach = Type.Enum(unsubscribeReaches, {
  description: 'whose mail an unsubscribe stops: of every sender, or of the one that it came from',
});
const orNull = { description: "null: as the account's own subaccount says" };

const own = {
  hardBounceHours: Type.Union([Hours, Type.Null()], orNull),
  softBounceHours: Type.Union([SoftHours, Type.Null()], {
    description: "null: as the account's own subaccount says, at last its `softBounces.holdHours`",
  }),
  complaintHours: Type.Union([Hours, Type.Null()], orNull),
  unsubscribeHours: Type.Union([Hours, Type.Null()], orNull),
  unsubscribeHoldsFor: Type.Union([Reach, Type.Null()], orNull),
};
const given = {
  hardBounceHours: Type.Optional(own.hardBounceHours),
  softBounceHours: Type.Optional(own.softBounceHours),
  complaintHours: Type.Optional(own.complaintHours),
  unsubscribeHours: Type.Optional(own.unsubscribeHours),
  unsubscribeHoldsFor: Type.Optional(own.unsubscribeHoldsFor),
};

const SettingsReply = fields({
  own: fields(own),
  effective: fields({
    hardBounceHours: Hours,
    softBounceHours: SoftHours,
    complaintHours: Hours,
    unsubscribeHours: Hours,
    unsubscribeHoldsFor: Reach,
  }),
});

function settingsJson({ own: words, effective }: SettingState): Static<typeof SettingsReply> {
  return { own: { ...words }, effective: { ...effective } };
}

export function settingRoutes(world: SuppressionWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/suppression-settings',
      tag: 'suppressions',
      grant: 'suppressions:read',
      summary: 'Read for how long entries stand that come by themselves',
      replies: { 200: SettingsReply },
      example: {},
      run: async ({ scope }) => ({ status: 200, body: settingsJson(await readSettings(world, scope)) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/suppression-settings',
      tag: 'suppressions',
      grant: 'suppressions:write',
      summary: 'Say for how long entries stand that come by themselves',
      description:
        'In hours after the last event; the first event after the end renews the entry for twice the time, up to a year. Said by the ' +
        'account for itself, it counts for its subaccounts that do not say otherwise. What is left out becomes null. Entries that ' +
        'stand already keep their end. An entry that has expired stops nothing and is kept for a year.',
      body: fields(given),
      replies: { 200: SettingsReply },
      example: { body: { hardBounceHours: 168, unsubscribeHoldsFor: 'one_sender' } },
      run: async ({ scope, body }) => ({
        status: 200,
        body: settingsJson(await writeSettings(world, scope, body)),
      }),
    }),
  ];
}
