import type { Reading, Summary } from '../../protocol';
import { bytes, count, device, number, shape } from '../format';
import type { IVariable } from '../model/variables';
import { useStrings } from './context';

/**
 * What can be said about a variable in words and numbers.
 */
export function Facts(props: {
  readonly variable: IVariable;
  readonly reading: Reading | null;
}) {
  const { row } = props.variable;
  const reading = props.reading ?? props.variable.reading;
  const strings = useStrings();
  const { columns } = strings;
  const facts: [string, string][] = [
    [columns.value, reading?.text ?? ''],
    [columns.dtype, `${row.dtype} ${shape(row.shape)}`],
    [columns.bytes, row.bytes === null ? '' : bytes(row.bytes)],
    [columns.device, device(reading?.device ?? '')],
    [strings.requested, device(row.requested)],
    [
      columns.written,
      reading?.written
        ? strings.writtenBy(reading.written.cell, reading.written.run)
        : ''
    ],
    [strings.trainable, row.trainable ? strings.yes : strings.no],
    [strings.collections, row.collections.join(', ')],
    [strings.operation, row.operation === row.name ? '' : row.operation],
    [strings.unreadable, row.unreadable],
    [strings.unwritable, row.unwritable]
  ];
  return (
    <>
      <dl class="jp-tfsession-facts">
        {facts
          .filter(([, text]) => text !== '')
          .map(([term, text]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{text}</dd>
            </div>
          ))}
      </dl>
      {reading?.summary && <Statistics of={reading.summary} />}
    </>
  );
}

function Statistics(props: { readonly of: Summary }) {
  const { of: summary } = props;
  const strings = useStrings();
  const figures = [
    [strings.mean, summary.mean],
    [strings.std, summary.std],
    [strings.min, summary.min],
    [strings.max, summary.max]
  ] as const;
  const counts = [
    [strings.zeros, summary.zeros],
    ['NaN', summary.nan],
    ['Inf', summary.inf]
  ] as const;
  return (
    <ul class="jp-tfsession-statistics" aria-label={strings.statistics}>
      {figures.map(
        ([name, value]) =>
          value !== null && (
            <li key={name}>
              {name} <b>{number(Number(value))}</b>
            </li>
          )
      )}
      {counts.map(
        ([name, value]) =>
          value > 0 && (
            <li
              key={name}
              class={name === strings.zeros ? '' : 'jp-mod-special'}
            >
              {name} <b>{count(value)}</b>
            </li>
          )
      )}
      <li class="jp-tfsession-weak">
        {summary.sampled < summary.elements
          ? strings.sampled(summary.sampled, summary.elements)
          : strings.elements(summary.elements)}
      </li>
    </ul>
  );
}
