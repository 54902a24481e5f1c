/** A form whose faults the server names field by field: they stand beside the fields, whatever else as a toast. */
import { useForm } from '@mantine/form';
import type { UseFormReturnType } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { Problem } from '../api/client.ts';
import { act } from './confirm.tsx';

export type Fields<Values extends Record<string, unknown>> = UseFormReturnType<Values> & {
  readonly isSending: boolean;
  /** For `onSubmit`: sends, and shows what the server objects to. `done` is told as a toast. */
  readonly send: (done: string | null, run: (values: Values) => Promise<unknown>) => () => void;
};

/** `names` leads from the server's fields to the form's, where they are not called alike. */
export function useFields<Values extends Record<string, unknown>>(
  initialValues: Values,
  names: Readonly<Record<string, string>> = {},
): Fields<Values> {
  const form = useForm<Values>({ mode: 'controlled', initialValues });
  const [isSending, setSending] = useState(false);
  const place = (problem: Problem): boolean => {
    const known = problem.errors.map(({ field, message }) => ({
      // Of a list: `subaccounts[0].role` is `subaccounts.0.role` in a form.
      field: names[field] ?? field.replace(/\[(\d+)\]/g, '.$1'),
      message,
    }));
    const own = known.filter(({ field }) => (field.split('.')[0] ?? '') in initialValues);
    for (const { field, message } of own) form.setFieldError(field, message);
    return own.length > 0 && own.length === problem.errors.length;
  };
  const send: Fields<Values>['send'] = (done, run) => () => {
    setSending(true);
    const tried = act(null, async () => {
      try {
        await run(form.getValues());
      } catch (error) {
        if (error instanceof Problem && place(error)) return;
        throw error;
      }
      if (done !== null) notifications.show({ message: done, color: 'green' });
    });
    void tried.finally(() => setSending(false));
  };
  return Object.assign(form, { isSending, send });
}
