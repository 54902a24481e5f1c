import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { countText, shareText } from '../../parts/numbers.ts';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { measureTexts, stepTones } from './words.ts';

export type Finding = Reply<'GET /subaccounts/{id}/reputation'>['figures'][number];

/** What measures showed: harm, of how many, since when, and the step that it leads to. */
export function Findings({
  of,
  name,
}: {
  readonly of: readonly Finding[];
  readonly name: string;
}): ReactElement {
  return (
    <div className="table-scroll" role="region" aria-label={name} tabIndex={0}>
      <table className="plain" data-whole>
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col" data-end>
              Rate
            </th>
            <th scope="col" data-end>
              Counted
            </th>
            <th scope="col">Since</th>
            <th scope="col">Leads to</th>
          </tr>
        </thead>
        <tbody>
          {of.map(({ measure, harm, volume, rate, from, step, limit }) => (
            <tr key={measure}>
              <th scope="row">{measureTexts[measure]}</th>
              <td data-end>{shareText(rate)}</td>
              <td data-end>
                {countText(harm)} of {countText(volume)}
              </td>
              <td>
                <Time at={from} />
              </td>
              <td>
                <State name={step === 'none' ? 'nothing' : step} tone={stepTones[step]} />
                {limit === null ? '' : `, from ${shareText(limit)} on`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
