/** Fields and snippets by their names, instead of typing marks. */
import { Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Suspense, useState } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { useCaller, useReadIf } from '../../../api/hooks.ts';
import { mayCall, useMe } from '../../../shell/me.ts';
import type { Language } from '../languages.ts';
import { fieldMark, marksFor, snippetMark } from './marks.ts';

type InsertProps = {
  readonly of: {
    readonly source: string;
    readonly language: Language;
    readonly data: Readonly<Record<string, unknown>>;
    readonly subaccountId: number;
  };
  readonly isReady: boolean;
  readonly put: (mark: string) => void;
};

type Snippet = { readonly id: string; readonly slug: string; readonly name: string };

/** What is published and may be shown by mail of the template's owner; its own go before the account's, as in mail. */
function useSnippets({ language, subaccountId }: InsertProps['of']): readonly Snippet[] {
  const me = useMe();
  const isKnown = snippetMark(language, 'x') !== null && mayCall(me, 'GET /snippets');
  const found = useReadIf(isKnown, 'GET /snippets', { query: { limit: 500 } });
  const usable = (found?.items ?? []).filter(
    (each) => each.publishedVersion !== null && (each.subaccountId === subaccountId || each.share === 'use'),
  );
  const bySlug = new Map<string, Snippet>();
  const own = (each: { readonly subaccountId: number }): number => Number(each.subaccountId === subaccountId);
  for (const each of usable.toSorted((a, b) => own(a) - own(b))) bySlug.set(each.slug, each);
  return [...bySlug.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}

export function Insert(props: InsertProps): ReactElement {
  return (
    <Suspense fallback={null}>
      <Choice {...props} />
    </Suspense>
  );
}

const snippetPrefix = 'snippet:';

/**
 * Enter takes what is marked in the open list, or else its first. The list itself forgets a moment after it opened which one it
 * has marked: who types quicker than it opens would press Enter in vain.
 */
function takeMarked(event: KeyboardEvent<HTMLInputElement>): void {
  const { currentTarget: box } = event;
  if (event.key !== 'Enter' || event.nativeEvent.isComposing || box.value.trim() === '') return;
  const list = document.getElementById(box.getAttribute('aria-controls') ?? '');
  const marked =
    list?.querySelector<HTMLElement>('[data-combobox-selected]') ??
    list?.querySelector<HTMLElement>('[data-combobox-option]');
  event.preventDefault();
  event.stopPropagation();
  marked?.click();
}

function Choice({ of, isReady, put }: InsertProps): ReactElement {
  const snippets = useSnippets(of);
  const caller = useCaller();
  const [search, setSearch] = useState('');
  const { language, source, data } = of;
  const marks = marksFor(language, source, data);
  const typed = fieldMark(language, search.trim());
  // Last: what is known goes before what might be meant.
  const named = typed === null || marks.includes(typed) ? [] : [typed];
  const pick = async (value: string): Promise<void> => {
    const snippet = snippets.find(({ id }) => value === snippetPrefix + id);
    if (snippet === undefined) return put(value);
    const found = await caller('GET /snippets/{id}', {
      path: { id: snippet.id },
      query: { version: 'published' },
    }).catch(() => null);
    if (found !== null && found.version.language !== language) {
      const message = `${snippet.name} is written in another language than this template, which cannot show it.`;
      notifications.show({ title: 'This was not done', message, color: 'red' });
      return;
    }
    put(snippetMark(language, snippet.slug) ?? '');
  };
  const groups = [
    { group: 'Fields', items: marks.map((value) => ({ value, label: value })) },
    {
      group: 'Snippets',
      items: snippets.map(({ id, slug, name }) => ({
        value: snippetPrefix + id,
        label: `${name} (${slug})`,
      })),
    },
    { group: 'A field of this name', items: named.map((value) => ({ value, label: value })) },
  ];
  return (
    <Select
      size="xs"
      w={230}
      aria-label="Put in a field or a snippet"
      placeholder="Put in a field or a snippet"
      disabled={!isReady}
      searchable
      selectFirstOptionOnChange
      searchValue={search}
      onSearchChange={setSearch}
      onKeyDownCapture={takeMarked}
      nothingFoundMessage={
        language === 'plain' ? 'This language has no marks.' : 'Type the name of a field, such as order.id'
      }
      data={groups.filter(({ items }) => items.length > 0)}
      value={null}
      onChange={(value) => {
        if (value !== null) void pick(value).then(() => setSearch(''));
      }}
    />
  );
}
