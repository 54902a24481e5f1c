/** Who may do what: a role in the whole account or in each of some subaccounts, as far as one may give it. */
import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Input,
  MultiSelect,
  SegmentedControl,
  Select,
  Stack,
  Text,
} from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { fullGrants } from '../../../src/base/scope.ts';
import type { Grant } from '../../../src/base/scope.ts';
import { pages, roles } from '../../../src/features/users/model.ts';
import type { Role } from '../../../src/features/users/model.ts';
import { useReadIf } from '../../api/hooks.ts';
import type { Fields } from '../../parts/fields.ts';
import { Icon } from '../../parts/icon.tsx';
import { SubaccountPick } from '../../parts/subaccount-pick.tsx';
import { useSubaccountName } from '../../shell/choices.ts';
import { mayCall, useMe } from '../../shell/me.ts';
import { isHeld, isOnePart, placesOf, powerOfMe, roleProblem } from './access.ts';
import type { AccessFields, PartFields } from './access.ts';

type Form = Fields<AccessFields>;

const roleTexts: Readonly<Record<Role, string>> = {
  owner: 'Everything, without limits',
  admin: 'Everything but reading secrets again',
  manager: 'Day to day: mail, domains, people, keys; not plan and settings',
  developer: 'Keys, webhooks, domains, templates; no people and no plan',
  designer: 'Templates, and reading what they need',
  accountant: 'Plan, usage and figures',
  reporting: 'Reads figures, events and mail',
  custom: 'Grants that you choose one by one',
};

export function AccessInputs({ form }: { readonly form: Form }): ReactElement {
  const me = useMe();
  const places = placesOf(me);
  const [here] = me.current.reach === 'account' ? [] : me.current.reach;
  return (
    <Stack gap="sm">
      {places === 'any' && (
        <Input.Wrapper label="Reach" labelElement="div">
          <SegmentedControl
            fullWidth
            aria-label="Reach"
            data={[
              { value: 'account', label: 'The whole account' },
              { value: 'subaccounts', label: 'Chosen subaccounts' },
            ]}
            value={form.values.reach}
            onChange={(reach) => form.setFieldValue('reach', reach)}
          />
        </Input.Wrapper>
      )}
      {isOnePart(form.values, places) ? (
        <PartInputs form={form} at="whole" part={form.values.whole} place={here ?? null} />
      ) : (
        <PlaceInputs form={form} />
      )}
    </Stack>
  );
}

function PlaceInputs({ form }: { readonly form: Form }): ReactElement {
  const { subaccounts } = form.values;
  const add = (id: number): void => {
    const like = subaccounts.at(-1);
    // The next one most likely gets what the last one got.
    form.insertListItem('subaccounts', {
      role: like?.role ?? 'reporting',
      grants: [...(like?.grants ?? [])],
      templates: [],
      hiddenPages: [...(like?.hiddenPages ?? [])],
      id,
    });
  };
  return (
    <Stack gap="sm">
      {subaccounts.map((place, index) => (
        <Place key={place.id} form={form} index={index} />
      ))}
      <SubaccountPick
        label={subaccounts.length === 0 ? 'Subaccounts' : 'One more subaccount'}
        without={subaccounts.map(({ id }) => id)}
        error={form.errors['subaccounts']}
        onPick={add}
      />
    </Stack>
  );
}

function Place({ form, index }: { readonly form: Form; readonly index: number }): ReactElement | null {
  const place = form.values.subaccounts[index];
  const name = useSubaccountName(place?.id ?? 0);
  if (place === undefined) return null;
  return (
    <section className="panel" aria-label={name} style={{ padding: '10px 14px 14px' }}>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Text size="sm" fw={600} truncate>
          {name}
        </Text>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Leave out ${name}`}
          onClick={() => form.removeListItem('subaccounts', index)}
        >
          <Icon name="cross" size={14} />
        </ActionIcon>
      </Group>
      {form.errors[`subaccounts.${index}.id`] !== undefined && (
        <Input.Error>{form.errors[`subaccounts.${index}.id`]}</Input.Error>
      )}
      <PartInputs form={form} at={`subaccounts.${index}`} part={place} place={place.id} />
    </section>
  );
}

type PartProps = {
  readonly form: Form;
  /** Where in the form it stands. */
  readonly at: string;
  readonly part: PartFields;
  /** The subaccount; null for the whole account. */
  readonly place: number | null;
};

function PartInputs({ form, at, part, place }: PartProps): ReactElement {
  const me = useMe();
  const power = powerOfMe(me);
  const isLimited = part.templates.length > 0 || part.hiddenPages.length > 0;
  const [isOpen, setOpen] = useState(isLimited);
  const options = roles.map((role) => {
    const problem = roleProblem(power, role, part, place);
    return { value: role, label: role, text: problem ?? roleTexts[role], disabled: problem !== null };
  });
  return (
    <Stack gap="sm">
      <Select
        label="Role"
        required
        allowDeselect={false}
        data={options}
        renderOption={({ option }) => (
          <div>
            <Text size="sm">{option.label}</Text>
            <Text size="xs" c="dimmed">
              {options.find(({ value }) => value === option.value)?.text}
            </Text>
          </div>
        )}
        {...form.getInputProps(`${at}.role`)}
      />
      {part.role === 'custom' && <GrantInputs {...{ form, at, part, place }} />}
      {part.role !== null && part.role !== 'owner' && !isOpen && (
        <Group>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setOpen(true)}>
            Hide pages or limit to templates
          </Button>
        </Group>
      )}
      {part.role !== 'owner' && isOpen && <LimitInputs {...{ form, at, part, place }} />}
    </Stack>
  );
}

function LimitInputs({ form, at, part }: PartProps): ReactElement {
  const me = useMe();
  const templates = useReadIf(mayCall(me, 'GET /templates'), 'GET /templates', { query: { limit: 500 } });
  const known = (templates?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const unknown = part.templates
    .filter((id) => known.every(({ value }) => value !== id))
    .map((id) => ({ value: id, label: `Template ${id}` }));
  return (
    <>
      <MultiSelect
        label="Hidden pages"
        description="What these stand for is taken away, not only hidden"
        placeholder={part.hiddenPages.length === 0 ? 'none' : ''}
        data={[...pages]}
        value={part.hiddenPages}
        onChange={(hidden) => form.setFieldValue(`${at}.hiddenPages`, hidden)}
        error={form.errors[`${at}.hiddenPages`]}
      />
      <MultiSelect
        label="Only these templates"
        placeholder={part.templates.length === 0 ? 'all' : ''}
        searchable
        data={[...known, ...unknown]}
        value={part.templates}
        onChange={(ids) => form.setFieldValue(`${at}.templates`, ids)}
        error={form.errors[`${at}.templates`]}
      />
    </>
  );
}

/** Grants by what they are about: one line each, with its verbs. */
function GrantInputs({ form, at, part, place }: PartProps): ReactElement {
  const power = powerOfMe(useMe());
  const possible = fullGrants(place === null ? 'account' : 'subaccount');
  const areas = Map.groupBy(possible, (grant) => grant.split(':')[0] ?? '');
  const set = (grant: Grant, isOn: boolean): void =>
    form.setFieldValue(
      `${at}.grants`,
      isOn ? [...part.grants, grant] : part.grants.filter((each) => each !== grant),
    );
  return (
    <Input.Wrapper label="Grants" labelElement="div" error={form.errors[`${at}.grants`]}>
      <div className="grants" role="group" aria-label="Grants">
        {[...areas].map(([area, grants]) => (
          <div key={area} style={{ display: 'contents' }}>
            <Text size="sm" c="dimmed">
              {area}
            </Text>
            <Group gap="md">
              {grants.map((grant) => (
                <Checkbox
                  key={grant}
                  size="xs"
                  label={grant.split(':')[1] ?? ''}
                  aria-label={grant}
                  title={isHeld(power, grant, place) ? undefined : 'You do not hold it yourself'}
                  disabled={!isHeld(power, grant, place)}
                  checked={part.grants.includes(grant)}
                  onChange={(event) => set(grant, event.currentTarget.checked)}
                />
              ))}
            </Group>
          </div>
        ))}
      </div>
    </Input.Wrapper>
  );
}
