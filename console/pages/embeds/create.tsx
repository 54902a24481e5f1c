/** A link by hand: whose pages, which, for which hosts, and the lines of HTML that show it. */
import {
  Code,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import {
  defaultPages,
  embedPageNames,
  embedPages,
  linkSeconds,
  neverEmbedded,
  sessionSeconds,
  themes,
} from '../../../src/features/embeds/model.ts';
import type { EmbedPage, Theme } from '../../../src/features/embeds/model.ts';
import { fullGrants, isReadGrant } from '../../../src/base/scope.ts';
import type { Grant } from '../../../src/base/scope.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { OneSubaccount } from '../../parts/one-subaccount.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { useLens } from '../../shell/lens.ts';
import { useMe, whyNot } from '../../shell/me.ts';
import type { Me } from '../../shell/me.ts';
import { titleOf } from './pages.ts';

const themeNames: Readonly<Record<Theme, string>> = { light: 'Light', dark: 'Dark', auto: 'As the system' };

type Values = {
  readonly subaccount: number | null;
  readonly name: string;
  readonly pages: EmbedPage[];
  readonly changes: Grant[];
  readonly frameAncestors: string;
  readonly theme: Theme;
  readonly minutes: number;
};

function holds(me: Me, grant: Grant | null): boolean {
  return grant === null || me.current.grants.includes(grant);
}

function bodyOf(values: Values) {
  const reads = values.pages.flatMap((page) => embedPages[page] ?? []);
  return {
    ...(values.subaccount === null ? {} : { subaccount: String(values.subaccount) }),
    ...(values.name === '' ? {} : { name: values.name }),
    pages: values.pages,
    ...(values.changes.length === 0 ? {} : { grants: [...new Set([...reads, ...values.changes])] }),
    frameAncestors: values.frameAncestors.split(/\s+/).filter((origin) => origin !== ''),
    theme: values.theme,
    // By hand it takes a while until the page that holds it is there.
    linkSeconds: linkSeconds.most,
    sessionSeconds: values.minutes * 60,
  };
}

function initial(me: Me, looked: number | null): Values {
  const own = Array.isArray(me.current.reach) ? me.current.reach[0] : undefined;
  return {
    subaccount: looked ?? own ?? null,
    name: '',
    pages: defaultPages.filter((page) => holds(me, embedPages[page])),
    changes: [],
    frameAncestors: '',
    theme: 'auto',
    minutes: sessionSeconds.usual / 60,
  };
}

export function Create({ onDone }: { readonly onDone: () => void }): ReactElement {
  const me = useMe();
  const lens = useLens();
  const [url, setUrl] = useState<string | null>(null);
  const make = useChange('POST /embeds');
  const form = useFields(initial(me, lens.subaccount), { grants: 'changes', sessionSeconds: 'minutes' });
  if (url !== null) return <Snippet url={url} onDone={onDone} />;
  const send = form.send(null, async (values) => {
    setUrl((await make.run({ body: bodyOf(values) })).url);
  });
  return (
    <form onSubmit={form.onSubmit(send)} noValidate>
      <Stack gap="sm">
        {me.current.reach === 'account' && (
          <>
            <OneSubaccount
              label="Whose pages"
              id={form.values.subaccount}
              set={(id) => form.setFieldValue('subaccount', id)}
            />
            {form.errors['subaccount'] !== undefined && (
              <Text size="sm" c="var(--bad)" role="alert">
                {form.errors['subaccount']}
              </Text>
            )}
          </>
        )}
        <What me={me} form={form} />
        <Textarea
          label="Origins that may frame it"
          description="One on a line, such as https://app.example.com; nobody else can."
          autosize
          minRows={2}
          required
          {...form.getInputProps('frameAncestors')}
        />
        <Group grow align="flex-start">
          <Select
            label="Appearance"
            data={themes.map((value) => ({ value, label: themeNames[value] }))}
            allowDeselect={false}
            {...form.getInputProps('theme')}
          />
          <NumberInput
            label="Ends after minutes"
            min={sessionSeconds.least / 60}
            max={sessionSeconds.most / 60}
            allowDecimal={false}
            {...form.getInputProps('minutes')}
          />
        </Group>
        <Group justify="flex-end">
          <ActButton type="submit" why={whyNot(me, 'POST /embeds')} loading={form.isSending}>
            Make the link
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function What({
  me,
  form,
}: {
  readonly me: Me;
  readonly form: ReturnType<typeof useFields<Values>>;
}): ReactElement {
  const possible = fullGrants('subaccount').filter((grant) => !neverEmbedded.has(grant) && holds(me, grant));
  const more = possible.filter((grant) => !isReadGrant(grant) || grant === 'messages:content');
  return (
    <>
      <TextInput
        label="Name"
        description="For this list and the audit log"
        maxLength={200}
        {...form.getInputProps('name')}
      />
      <MultiSelect
        label="Pages"
        description="The first is shown first"
        searchable
        data={embedPageNames
          .filter((page) => holds(me, embedPages[page]))
          .map((page) => ({ value: page, label: titleOf(page) }))}
        {...form.getInputProps('pages')}
      />
      <MultiSelect
        label="What may be done beside reading them"
        searchable
        data={[...more]}
        {...form.getInputProps('changes')}
      />
    </>
  );
}

function Snippet({ url, onDone }: { readonly url: string; readonly onDone: () => void }): ReactElement {
  const html = `<iframe src="${url}" title="Mail" sandbox="allow-scripts allow-same-origin allow-forms allow-downloads" allow="clipboard-write" referrerpolicy="no-referrer" style="border: 0; width: 100%; height: 40rem"></iframe>`;
  return (
    <Stack gap="sm">
      <SecretOnce
        name="the HTML"
        secret={html}
        text={`Its link opens one view, within ${linkSeconds.most / 60} minutes. A page that is shown more than once asks the API for a new link each time.`}
        onClose={onDone}
      />
      <Text size="sm" c="dimmed">
        By a program: <Code>POST /api/v1/embeds</Code>
      </Text>
    </Stack>
  );
}
