/** A form whose faults the server names field by field: they stand beside the fields, whatever else as a toast. */
import { useForm } from '@mantine/form';
import type { UseFormReturnType } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useLayoutEffect, useRef, useState } from 'react';
import { Problem } from '../api/client.ts';
import type { FieldError } from '../api/client.ts';
import { act } from './confirm.tsx';

export type Fields<Values extends Record<string, unknown>> = UseFormReturnType<Values> & {
  readonly isSending: boolean;
  /** For `onSubmit`: sends, and shows what the server objects to. `done` is told as a toast. */
  readonly send: (done: string | null, run: (values: Values) => Promise<unknown>) => () => void;
};

/**
 * `addresses[2]` is told at the field `addresses`, with the number of the one that is meant; `subaccounts[0].role` is
 * `subaccounts.0.role` in a form, unless `names` says where that list stands.
 */
function placed(
  { field, message }: FieldError,
  names: Readonly<Record<string, string>>,
): { readonly field: string; readonly message: string } {
  const [, list, index, inner] = /^([^[]+)\[(\d+)\](.*)/.exec(field) ?? [];
  if (list === undefined) return { field: names[field] ?? field, message };
  if (inner !== '' && names[list] === undefined)
    return { field: field.replace(/\[(\d+)\]/g, '.$1'), message };
  return { field: names[list] ?? list, message: `${message} (number ${Number(index) + 1})` };
}

/** The text of a template is long, and compared at each key: the same text is found without writing both down. */
function isSame(one: unknown, other: unknown): boolean {
  return Object.is(one, other) || JSON.stringify(one) === JSON.stringify(other);
}

/** Of the fields that hold what was told before, or what was sent since, what is told now; all others as they are. */
function followed<Values extends Record<string, unknown>>(
  values: Values,
  now: Values,
  untouched: readonly Values[],
): Values {
  const isUntouched = (name: string): boolean => untouched.some((each) => isSame(each[name], values[name]));
  const names = Object.keys(now).filter((name) => isUntouched(name));
  return { ...values, ...Object.fromEntries(names.map((name) => [name, now[name]])) };
}

/**
 * `initialValues` are what the server says: when they change, as after a save, the fields that nobody has touched since
 * follow, and what is still being typed stays. A form of another thing is another form: give it a `key`.
 * `names` leads from the server's fields to the form's, where they are not called alike.
 */
export function useFields<Values extends Record<string, unknown>>(
  initialValues: Values,
  names: Readonly<Record<string, string>> = {},
): Fields<Values> {
  const form = useForm<Values>({ mode: 'controlled', initialValues });
  const [isSending, setSending] = useState(false);
  const told = useRef(initialValues);
  const sent = useRef<Values | null>(null);
  useLayoutEffect(() => {
    const before = told.current;
    if (Object.keys(initialValues).every((name) => isSame(before[name], initialValues[name]))) return;
    told.current = initialValues;
    form.setInitialValues(initialValues);
    const untouched = sent.current === null ? [before] : [before, sent.current];
    form.setValues(followed(form.getValues(), initialValues, untouched));
  });
  const place = (problem: Problem): boolean => {
    const known = problem.errors.map((fault) => placed(fault, names));
    const own = known.filter(({ field }) => (field.split('.')[0] ?? '') in initialValues);
    for (const { field } of own) {
      const messages = own.filter((each) => each.field === field).map(({ message }) => message);
      form.setFieldError(field, messages.join('. '));
    }
    return own.length > 0 && own.length === problem.errors.length;
  };
  const send: Fields<Values>['send'] = (done, run) => () => {
    setSending(true);
    const tried = act(null, async () => {
      const values = form.getValues();
      sent.current = values;
      try {
        await run(values);
      } catch (error) {
        sent.current = null;
        if (error instanceof Problem && place(error)) return;
        throw error;
      }
      if (done !== null) notifications.show({ message: done, color: 'green' });
    });
    void tried.finally(() => setSending(false));
  };
  return Object.assign(form, { isSending, send });
}
